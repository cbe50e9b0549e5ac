using System.Security.Cryptography;
using Migrator.Core.Mail;

namespace Migrator.Files.Bytes;

/// <summary>Lets through <paramref name="limit"/> bytes at most, so that a receiver never gets more than was announced to it, and
/// hashes them.</summary>
internal sealed class HashingByteSink(IByteSink next, long limit) : IByteSink, IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public long Count { get; private set; }

    /// <summary>With what was not let through.</summary>
    public long Offered { get; private set; }

    public bool IsFull => Count == limit;

    public void Write(ReadOnlySpan<byte> bytes)
    {
        Offered += bytes.Length;
        bytes = bytes[..(int)Math.Min(bytes.Length, limit - Count)];
        Count += bytes.Length;
        _hash.AppendData(bytes);
        next.Write(bytes);
    }

    public void End() => next.End();

    public ContentId Finish() => new(_hash.GetHashAndReset());

    public void Dispose() => _hash.Dispose();
}
