using System.Security.Cryptography;

namespace Migrator.Core.Archives;

/// <summary>Keys sealed by another key: 12 bytes of nonce, AES-256-GCM ciphertext, 16 bytes of tag.</summary>
internal static class SealedKey
{
    private const int NonceLength = 12;

    public static byte[] Seal(byte[] key, byte[] content)
    {
        var bytes = new byte[NonceLength + content.Length + Segments.TagLength];
        RandomNumberGenerator.Fill(bytes.AsSpan(0, NonceLength));
        using var cipher = new AesGcm(key, Segments.TagLength);
        cipher.Encrypt(
            bytes.AsSpan(0, NonceLength),
            content,
            bytes.AsSpan(NonceLength, content.Length),
            bytes.AsSpan(NonceLength + content.Length)
        );
        return bytes;
    }

    /// <returns>Null where it was sealed by another key.</returns>
    public static byte[]? Open(byte[] key, byte[]? bytes)
    {
        if (bytes is null || bytes.Length < NonceLength + Segments.TagLength)
            return null;
        var content = new byte[bytes.Length - NonceLength - Segments.TagLength];
        using var cipher = new AesGcm(key, Segments.TagLength);
        try
        {
            cipher.Decrypt(
                bytes.AsSpan(0, NonceLength),
                bytes.AsSpan(NonceLength, content.Length),
                bytes.AsSpan(NonceLength + content.Length),
                content
            );
            return content;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }
}
