using System.Runtime.CompilerServices;
using Migrator.Core.Blobs;

namespace Migrator.Tests.Memory;

/// <summary>A store that fails once, as <see cref="Faults"/> says.</summary>
public sealed class FaultyBlobStore(IBlobStore inner, Faults faults) : IBlobStore
{
    public string Location => inner.Location;

    public Task<IBlobDraft> DraftAsync(CancellationToken cancellationToken) =>
        RunAsync<IBlobDraft>("draft", async () => new Draft(this, await inner.DraftAsync(cancellationToken)));

    public Task<BlobInfo?> FindAsync(string name, CancellationToken cancellationToken) =>
        RunAsync($"find {name}", () => inner.FindAsync(name, cancellationToken));

    public async IAsyncEnumerable<BlobInfo> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var strikes = faults.Strikes($"list {prefix}");
        if (strikes && faults.Moment != FaultMoment.After)
            throw Faults.Failure($"list {prefix}");
        await foreach (var blob in inner.ListAsync(prefix, cancellationToken))
            yield return blob;
        if (strikes)
            throw Faults.Failure($"list {prefix}");
    }

    public Task<Stream> OpenAsync(string name, long offset, long length, CancellationToken cancellationToken) =>
        RunAsync($"open {name}", () => inner.OpenAsync(name, offset, length, cancellationToken));

    public Task ReplaceAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        ChangeAsync($"replace {name}", () => inner.ReplaceAsync(name, content, cancellationToken));

    public Task DeleteAsync(string name, CancellationToken cancellationToken) =>
        ChangeAsync($"delete {name}", () => inner.DeleteAsync(name, cancellationToken));

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private Task ChangeAsync(string what, Func<Task> operation) =>
        RunAsync(
            what,
            async () =>
            {
                await operation();
                faults.Changed?.Invoke(what);
                return true;
            }
        );

    private async Task<T> RunAsync<T>(string what, Func<Task<T>> operation)
    {
        await faults.Before(what);
        var strikes = faults.Strikes(what);
        if (strikes && faults.Moment != FaultMoment.After)
            throw Faults.Failure(what);
        var result = await operation();
        return strikes ? throw Faults.Failure(what) : result;
    }

    private sealed class Draft(FaultyBlobStore store, IBlobDraft inner) : IBlobDraft
    {
        public Stream Content { get; } = new Writing(store, inner.Content);

        public async Task<bool> CommitAsync(string name, CancellationToken cancellationToken)
        {
            var created = false;
            await store.ChangeAsync($"commit {name}", async () => created = await inner.CommitAsync(name, cancellationToken));
            return created;
        }

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }

    private sealed class Writing(FaultyBlobStore store, Stream inner) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => inner.Length;

        public override long Position
        {
            get => inner.Position;
            set => throw new NotSupportedException();
        }

        public override void Write(ReadOnlySpan<byte> bytes)
        {
            if (!store.Plan.Strikes("write", hasHalf: true))
            {
                inner.Write(bytes);
                return;
            }
            inner.Write(
                bytes[
                    ..(
                        store.Plan.Moment switch
                        {
                            FaultMoment.Before => 0,
                            FaultMoment.Half => bytes.Length / 2,
                            _ => bytes.Length,
                        }
                    )
                ]
            );
            throw Faults.Failure("write");
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken = default)
        {
            Write(bytes.Span);
            return default;
        }

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override void Flush() { }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }

    private Faults Plan => faults;
}
