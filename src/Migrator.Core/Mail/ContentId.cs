using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Migrator.Core.Mail;

/// <summary>The SHA-256 of a message's exact octets, as they were on the wire. Two messages with the same octets have
/// the same content id; nothing else about them (folder, UID, flags, date) enters into it.</summary>
public readonly record struct ContentId
{
    public const int Length = SHA256.HashSizeInBytes;

    private readonly UInt128 _high;
    private readonly UInt128 _low;

    /// <param name="hash">32 octets.</param>
    public ContentId(ReadOnlySpan<byte> hash)
    {
        if (hash.Length != Length)
            throw new ArgumentException($"A content id is {Length} bytes, not {hash.Length}.", nameof(hash));
        _high = MemoryMarshal.Read<UInt128>(hash);
        _low = MemoryMarshal.Read<UInt128>(hash[16..]);
    }

    public static ContentId Of(ReadOnlySpan<byte> content) => new(SHA256.HashData(content));

    public byte[] ToArray()
    {
        var hash = new byte[Length];
        MemoryMarshal.Write(hash, in _high);
        MemoryMarshal.Write(hash.AsSpan(16), in _low);
        return hash;
    }

    /// <returns>64 lower-case hexadecimal digits.</returns>
    public override string ToString() => Convert.ToHexStringLower(ToArray());
}
