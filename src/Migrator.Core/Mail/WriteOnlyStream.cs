namespace Migrator.Core.Mail;

/// <summary>Takes bytes, one after the other: what an <see cref="IContentSink"/> gives to be written to.</summary>
public abstract class WriteOnlyStream : Stream
{
    public sealed override bool CanRead => false;

    public sealed override bool CanSeek => true;

    public sealed override bool CanWrite => true;

    // The caller that wrote the bytes winds the stream back for a reader. Nobody reads here, so that there is nothing to do.
    public sealed override long Position
    {
        get => Length;
        set { }
    }

    public sealed override long Seek(long offset, SeekOrigin origin) => Length;

    public abstract override void Write(ReadOnlySpan<byte> bytes);

    public sealed override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    // What takes bytes here is memory, a hash, or a file in the page cache: a hop to another thread would cost more.
    public sealed override ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken = default)
    {
        Write(bytes.Span);
        return default;
    }

    public sealed override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        Write(buffer.AsSpan(offset, count));
        return Task.CompletedTask;
    }

    public sealed override void Flush() { }

    public sealed override void SetLength(long value) => throw new NotSupportedException();

    public sealed override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
