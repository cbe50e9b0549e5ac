using Migrator.Core.Failures;

namespace Migrator.Storage.Blobs;

/// <summary>Bytes on their way to or from a store. Turns what goes wrong during the transfer into a <see cref="StorageException"/>: anyone
/// who reads or writes a blob must not have to know which kind of store it lies in.</summary>
/// <param name="inner">Where the bytes are.</param>
/// <param name="limit">How many bytes may be read.</param>
/// <param name="translate">What a failure means; null for one that is none of the store's.</param>
/// <param name="leaveOpen">Whether <paramref name="inner"/> outlives this: a draft commits after its content was closed.</param>
internal sealed class BlobStream(Stream inner, long limit, Func<Exception, StorageException?> translate, bool leaveOpen = false) : Stream
{
    private long _left = limit;

    public override bool CanRead => inner.CanRead;

    public override bool CanWrite => inner.CanWrite;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        try
        {
            var read = inner.Read(buffer[..(int)Math.Min(buffer.Length, _left)]);
            _left -= read;
            return read;
        }
        catch (Exception exception) when (translate(exception) is { } failure)
        {
            throw failure;
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            var read = await inner.ReadAsync(buffer[..(int)Math.Min(buffer.Length, _left)], cancellationToken);
            _left -= read;
            return read;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested && translate(exception) is { } failure)
        {
            throw failure;
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        try
        {
            inner.Write(buffer);
        }
        catch (Exception exception) when (translate(exception) is { } failure)
        {
            throw failure;
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            await inner.WriteAsync(buffer, cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested && translate(exception) is { } failure)
        {
            throw failure;
        }
    }

    /// <summary>Does nothing: bytes count only from the commit on, and that flushes.</summary>
    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing && !leaveOpen)
            inner.Dispose();
        base.Dispose(disposing);
    }

    public override async ValueTask DisposeAsync()
    {
        if (!leaveOpen)
            await inner.DisposeAsync();
        await base.DisposeAsync();
    }
}
