using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Migrator.Core.Blobs;
using Migrator.Core.Failures;

namespace Migrator.Tests.Memory;

/// <summary>Blobs in memory, for tests that look into them, copy them and flip bits.</summary>
public sealed class MemoryBlobStore(TimeProvider? time = null) : IRehydratingStore
{
    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly ConcurrentDictionary<string, (byte[] Bytes, DateTimeOffset Modified)> _blobs = new();

    private readonly ConcurrentDictionary<string, BlobAccess> _offline = new();

    public string Location => "memory";

    /// <summary>What was asked to be brought back, in order: name, tier, priority.</summary>
    public List<(string Name, string Tier, bool High)> Rehydrated { get; } = [];

    /// <summary>How often somebody wanted to read what is offline.</summary>
    public int OfflineReads { get; private set; }

    /// <summary>Moves a blob to the archive tier, to the way back, or back.</summary>
    public void Move(string name, BlobAccess access) => _offline[name] = access;

    /// <summary>The blobs by name, ordinal. The arrays are those that the store hands out: to change one damages the blob.</summary>
    public IReadOnlyDictionary<string, byte[]> Blobs =>
        new SortedDictionary<string, byte[]>(_blobs.ToDictionary(blob => blob.Key, blob => blob.Value.Bytes), StringComparer.Ordinal);

    /// <summary>An independent store with the same blobs: what a crash right now would leave.</summary>
    public MemoryBlobStore Clone(TimeProvider? time = null)
    {
        var clone = new MemoryBlobStore(time ?? _time);
        foreach (var (name, blob) in _blobs)
            clone._blobs[name] = ([.. blob.Bytes], blob.Modified);
        return clone;
    }

    public Task<IBlobDraft> DraftAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult<IBlobDraft>(new Draft(this));
    }

    public Task<BlobInfo?> FindAsync(string name, CancellationToken cancellationToken)
    {
        BlobName.Require(name);
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(_blobs.TryGetValue(name, out var blob) ? Describe(name, blob) : null);
    }

    public async IAsyncEnumerable<BlobInfo> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        BlobName.RequirePrefix(prefix);
        foreach (
            var (name, blob) in _blobs
                .Where(blob => blob.Key.StartsWith(prefix, StringComparison.Ordinal))
                .OrderBy(blob => blob.Key, StringComparer.Ordinal)
        )
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return await Task.FromResult(Describe(name, blob));
        }
    }

    public Task<Stream> OpenAsync(string name, long offset, long length, CancellationToken cancellationToken)
    {
        BlobName.Require(name);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        cancellationToken.ThrowIfCancellationRequested();
        if (!_blobs.TryGetValue(name, out var blob))
            throw new StorageException(Reason.BlobMissing, $"{name} is not there.");
        if (Describe(name, blob).Access != BlobAccess.Online)
        {
            OfflineReads++;
            throw new StorageException(Reason.BlobOffline, $"{name} is in the archive tier.");
        }
        var start = (int)Math.Min(offset, blob.Bytes.Length);
        return Task.FromResult<Stream>(
            new MemoryStream(blob.Bytes, start, (int)Math.Min(length, blob.Bytes.Length - start), writable: false)
        );
    }

    public Task ReplaceAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        BlobName.Require(name);
        cancellationToken.ThrowIfCancellationRequested();
        _blobs[name] = (content.ToArray(), _time.GetUtcNow());
        return Task.CompletedTask;
    }

    public Task DeleteAsync(string name, CancellationToken cancellationToken)
    {
        BlobName.Require(name);
        cancellationToken.ThrowIfCancellationRequested();
        _blobs.TryRemove(name, out _);
        return Task.CompletedTask;
    }

    public Task RehydrateAsync(string name, string tier, bool highPriority, CancellationToken cancellationToken)
    {
        Rehydrated.Add((name, tier, highPriority));
        _offline[name] = BlobAccess.Returning;
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync() => default;

    private BlobInfo Describe(string name, (byte[] Bytes, DateTimeOffset Modified) blob)
    {
        var access = _offline.GetValueOrDefault(name);
        return new BlobInfo(name, blob.Bytes.Length, blob.Modified)
        {
            Access = access,
            Tier = access == BlobAccess.Online ? "hot" : "archive",
        };
    }

    private sealed class Draft(MemoryBlobStore store) : IBlobDraft
    {
        private readonly MemoryStream _bytes = new();
        private bool _committed;

        public Stream Content => _bytes;

        public Task<bool> CommitAsync(string name, CancellationToken cancellationToken)
        {
            BlobName.Require(name);
            cancellationToken.ThrowIfCancellationRequested();
            if (_committed)
                throw new InvalidOperationException("A draft is committed once.");
            _committed = true;
            return Task.FromResult(store._blobs.TryAdd(name, (_bytes.ToArray(), store._time.GetUtcNow())));
        }

        public ValueTask DisposeAsync() => default;
    }
}
