using System.Security.Cryptography;
using System.Text;
using Migrator.Core.Failures;

namespace Migrator.Storage.Logins;

/// <summary>Encrypts logins by AES-256-GCM, each bound to its id: the content of one cannot be put in the place of another. ASP.NET Core
/// Data Protection would do the same, but finds its classes by reflection, which a program that is compiled ahead of time cannot.</summary>
internal sealed class LoginCipher
{
    private const byte Version = 1;
    private const int NonceSize = 12;
    private const int TagSize = 16;

    private readonly byte[] _key;

    /// <param name="secret">Of any form; its strength is that of the encryption.</param>
    public LoginCipher(byte[] secret) =>
        _key = HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, 32, info: Encoding.ASCII.GetBytes("migrator logins 1"));

    /// <returns>Version, nonce, tag and ciphertext.</returns>
    public byte[] Encrypt(string id, ReadOnlySpan<byte> content)
    {
        var sealedContent = new byte[1 + NonceSize + TagSize + content.Length];
        sealedContent[0] = Version;
        var (nonce, tag, text) = Parts(sealedContent);
        RandomNumberGenerator.Fill(nonce.Span);
        using var aes = new AesGcm(_key, TagSize);
        aes.Encrypt(nonce.Span, content, text.Span, tag.Span, Encoding.UTF8.GetBytes(id));
        return sealedContent;
    }

    /// <param name="where">Names the store, in errors.</param>
    /// <exception cref="MailException">It was encrypted with another key, or altered.</exception>
    public byte[] Decrypt(string id, byte[] sealedContent, string where)
    {
        if (sealedContent.Length < 1 + NonceSize + TagSize)
            throw Unreadable(where, null);
        if (sealedContent[0] != Version)
            throw new MailException(Reason.LoginStoreUnavailable, $"{where} was written by a later version of Migrator. Use that version.");
        var (nonce, tag, text) = Parts(sealedContent);
        var content = new byte[text.Length];
        try
        {
            using var aes = new AesGcm(_key, TagSize);
            aes.Decrypt(nonce.Span, text.Span, tag.Span, content, Encoding.UTF8.GetBytes(id));
            return content;
        }
        catch (AuthenticationTagMismatchException exception)
        {
            throw Unreadable(where, exception);
        }
    }

    private static (Memory<byte> Nonce, Memory<byte> Tag, Memory<byte> Text) Parts(byte[] content) =>
        (content.AsMemory(1, NonceSize), content.AsMemory(1 + NonceSize, TagSize), content.AsMemory(1 + NonceSize + TagSize));

    private static MailException Unreadable(string where, Exception? exception) =>
        new(Reason.LoginKeyWrong, $"{where} cannot be decrypted: its key is another one, or it was altered.", exception);
}
