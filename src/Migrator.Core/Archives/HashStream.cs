using System.Security.Cryptography;
using Migrator.Core.Mail;

namespace Migrator.Core.Archives;

/// <summary>Hashes what is written to it, and passes it on where somebody wants it.</summary>
/// <param name="inner">Null where nobody does. Disposed with this stream.</param>
internal sealed class HashStream(Stream? inner = null) : WriteOnlyStream
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private long _length;

    public Stream? Inner => inner;

    /// <summary>Bytes written so far.</summary>
    public override long Length => _length;

    /// <summary>Once, at the end.</summary>
    public ContentId Finish()
    {
        using (_hash)
            return new ContentId(_hash.GetHashAndReset());
    }

    public override void Write(ReadOnlySpan<byte> bytes)
    {
        _length += bytes.Length;
        _hash.AppendData(bytes);
        inner?.Write(bytes);
    }

    protected override void Dispose(bool disposing)
    {
        _hash.Dispose();
        inner?.Dispose();
        base.Dispose(disposing);
    }
}
