using System.Security.Cryptography;

namespace Migrator.Core.Archives;

/// <summary>Keys sealed by another key: 12 octets of nonce, AES-256-GCM ciphertext, 16 octets of tag.</summary>
internal static class SealedKey
{
    private const int NonceLength = 12;

    public static byte[] Seal(byte[] key, byte[] content)
    {
        var octets = new byte[NonceLength + content.Length + Segments.TagLength];
        RandomNumberGenerator.Fill(octets.AsSpan(0, NonceLength));
        using var cipher = new AesGcm(key, Segments.TagLength);
        cipher.Encrypt(octets.AsSpan(0, NonceLength), content, octets.AsSpan(NonceLength, content.Length), octets.AsSpan(NonceLength + content.Length));
        return octets;
    }

    /// <returns>Null where it was sealed by another key.</returns>
    public static byte[]? Open(byte[] key, byte[]? octets)
    {
        if (octets is null || octets.Length < NonceLength + Segments.TagLength)
            return null;
        var content = new byte[octets.Length - NonceLength - Segments.TagLength];
        using var cipher = new AesGcm(key, Segments.TagLength);
        try
        {
            cipher.Decrypt(octets.AsSpan(0, NonceLength), octets.AsSpan(NonceLength, content.Length), octets.AsSpan(NonceLength + content.Length), content);
            return content;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }
}
