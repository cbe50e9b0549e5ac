using Migrator.Core.Failures;
using Migrator.Core.Migrations;

namespace Migrator.Core.Archives;

/// <summary>Gathers objects into packs. Safe to use from several tasks: they compress at the same time and write one after the
/// other. A full pack is committed while the next is being filled.</summary>
/// <param name="index">Gets what is written; null for none. Without one, what lies in a pack is not kept either.</param>
internal sealed class PackWriter(Archive archive, BlobKind kind, ArchiveIndex? index) : IAsyncDisposable
{
    // Few enough blobs for a million messages to cost cents, small enough to be read back without regret.
    private const long Full = 48L << 20;

    // Of tiny messages: what lies in a pack is in memory where its list of contents is read.
    public const int MostObjects = 16_384;

    // A pack is not left half-written because a run is stopped: its offsets would no longer be true, and what it holds would be lost to the
    // snapshot that the stopped run still writes.
    private static readonly CancellationToken s_toTheEnd = CancellationToken.None;

    private readonly SemaphoreSlim _turn = new(1);
    private readonly List<PackContents> _written = [];
    private readonly List<PackEntry> _entries = [];
    private BlobWriter? _pack;
    private Task _committing = Task.CompletedTask;
    private bool _broken;

    /// <summary>Bytes that objects took in packs so far.</summary>
    public long Stored { get; private set; }

    /// <summary>Bytes of these objects themselves.</summary>
    public long Plain { get; private set; }

    public long Objects { get; private set; }

    /// <summary>Stores an object that the index does not hold.</summary>
    /// <exception cref="StorageException">The store failed: nothing that was added since the last <see cref="FlushAsync"/> can be relied
    /// on.</exception>
    public async Task AddAsync(ObjectId id, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        if (content.Length >= Segments.MaxPlain)
        {
            await WriteAsync(id, content.Length, pack => pack.AppendAsync(content, s_toTheEnd), cancellationToken);
            return;
        }
        var packed = SegmentArrays.Rent(content.Length);
        try
        {
            var size = Segments.Compress(content.Span, packed);
            await WriteAsync(
                id,
                content.Length,
                pack =>
                    pack.AppendAsync(size > 0 ? packed.AsSpan(0, size) : content.Span, size > 0, content.Length, last: true, s_toTheEnd),
                cancellationToken
            );
        }
        finally
        {
            SegmentArrays.Return(packed);
        }
    }

    /// <inheritdoc cref="AddAsync(ObjectId, ReadOnlyMemory{byte}, CancellationToken)"/>
    public Task AddAsync(ObjectId id, Stream content, long length, CancellationToken cancellationToken) =>
        WriteAsync(id, length, pack => pack.AppendAsync(content, s_toTheEnd), cancellationToken);

    /// <summary>Commits what has been added.</summary>
    /// <returns>The packs written since the last flush: not recorded in any index yet. Without their entries where this writer has no
    /// index.</returns>
    public async Task<IReadOnlyList<PackContents>> FlushAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            EnsureWhole();
            await EndPackAsync();
            await _committing;
            PackContents[] written = [.. _written];
            _written.Clear();
            return written;
        }
        finally
        {
            _turn.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _committing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_pack is not null)
            await _pack.DisposeAsync();
        _turn.Dispose();
    }

    private async Task WriteAsync(ObjectId id, long plain, Func<BlobWriter, Task> write, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            EnsureWhole();
            // Whatever fails from here on: how much of it is in the pack is not known, nor then where the next object would begin.
            _broken = true;
            _pack ??= await BlobWriter.BeginAsync(archive.Store, archive.Keys, kind, s_toTheEnd);
            var offset = _pack.Length;
            await write(_pack);
            _entries.Add(new PackEntry(id, offset, _pack.Length - offset, plain));
            Stored += _pack.Length - offset;
            Plain += plain;
            Objects++;
            _broken = false;
            if (_pack.Length >= Full || _entries.Count >= MostObjects)
                await EndPackAsync();
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Sessions that continue for a moment after one of them has failed must not commit what it has left.</summary>
    private void EnsureWhole()
    {
        if (_broken)
            throw new StorageException(
                Reason.StoreUnreachable,
                $"{archive.Location}: a pack could not be written to its end; what was added to it is not stored."
            );
    }

    private async Task EndPackAsync()
    {
        // One commit at a time: two packs are on the disk or on the way at most.
        await _committing;
        if (_pack is not { } pack)
            return;
        // As they lie in the pack: what is kept until an index blob lists them takes no more than there.
        var list = PackContents.Footer(_entries);
        _entries.Clear();
        _pack = null;
        _committing = CommitAsync(pack, list);
    }

    private async Task CommitAsync(BlobWriter pack, byte[] list)
    {
        await using (pack)
        {
            await Task.Yield();
            var footer = pack.Length;
            await pack.AppendAsync(list, s_toTheEnd);
            await pack.WriteTrailerAsync(footer, s_toTheEnd);
            var name = $"{kind.Prefix}{archive.Time.GetUtcNow():yyyyMM}/{pack.Hash()}";
            await pack.CommitAsync(name, s_toTheEnd);
            var contents = new PackContents(name, pack.Length, PackContents.FromFooter(list));
            _written.Add(index is null ? contents with { Entries = [] } : contents);
            index?.Add(contents);
        }
    }
}
