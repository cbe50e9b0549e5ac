namespace Migrator.Core.Spool;

/// <summary>Reads one entry by position: entries of one segment can be read at the same time as it is written on.</summary>
internal sealed class SpoolEntryStream(SpoolSegment segment, long offset, long length) : Stream
{
    private long _position;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => length;

    public override long Position
    {
        get => _position;
        set => _position = value;
    }

    public override int Read(Span<byte> buffer)
    {
        var count = (int)Math.Min(buffer.Length, length - _position);
        if (count <= 0)
            return 0;
        var read = segment.Read(buffer[..count], offset + _position);
        // The code that copies this has announced its length to a server: less would be taken for other words of the protocol.
        if (read == 0)
            throw segment.EndsEarly();
        _position += read;
        return read;
    }

    public override int Read(byte[] buffer, int start, int count) => Read(buffer.AsSpan(start, count));

    // The bytes are in the page cache nearly always: a synchronous read costs less than a hop to another thread.
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(Read(buffer.Span));

    public override long Seek(long to, SeekOrigin origin) =>
        _position = origin switch
        {
            SeekOrigin.Begin => to,
            SeekOrigin.Current => _position + to,
            _ => length + to,
        };

    public override void Flush() { }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int start, int count) => throw new NotSupportedException();
}
