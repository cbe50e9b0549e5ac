using System.Security.Cryptography;
using Migrator.Core.Mail;

namespace Migrator.Core.Archives;

/// <summary>Hashes what is written to it, and passes it on where somebody wants it.</summary>
/// <param name="inner">Null where nobody does. Disposed with this stream.</param>
internal sealed class HashStream(Stream? inner = null) : Stream
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private long _length;

    public Stream? Inner => inner;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    /// <summary>Octets written so far.</summary>
    public override long Length => _length;

    public override long Position { get => _length; set => throw new NotSupportedException(); }

    /// <summary>Once, at the end.</summary>
    public ContentId Finish()
    {
        using (_hash)
            return new ContentId(_hash.GetHashAndReset());
    }

    public override void Write(ReadOnlySpan<byte> octets)
    {
        _length += octets.Length;
        _hash.AppendData(octets);
        inner?.Write(octets);
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    // Receivers take octets synchronously, from the socket as well.
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> octets, CancellationToken cancellationToken = default)
    {
        Write(octets.Span);
        return default;
    }

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        _hash.Dispose();
        inner?.Dispose();
        base.Dispose(disposing);
    }
}
