using System.Security.Cryptography;
using System.Text;
using Migrator.Core.Mail;

namespace Migrator.Core.Archives;

/// <summary>What an archive's master key gives: object ids and blob keys. Without a master key, the archive is
/// plain.</summary>
/// <param name="master">32 octets; null for an archive that is not encrypted.</param>
public sealed class ArchiveKeys(byte[]? master)
{
    public const int Length = 32;

    public static readonly ArchiveKeys None = new((byte[]?)null);

    private readonly byte[]? _addressKey = master is null ? null : Derive(master, [], "migrator archive v1 address");

    public bool Encrypted => master is not null;

    /// <summary>Where the object with this content is stored.</summary>
    public ObjectId AddressOf(ContentId content) => new(Address(content));

    /// <summary>A name for a text that must not be readable where the archive is encrypted: 32 hexadecimal digits.</summary>
    public string NameOf(string text) => Address(ContentId.Of(Encoding.UTF8.GetBytes(text))).ToString()[..32];

    /// <summary>The key of one blob, never used for another: nonces need to be unique within a blob only.</summary>
    /// <param name="salt">Random, from the blob's header.</param>
    /// <param name="kind">What kind of blob it is: one kind cannot be passed off as another.</param>
    /// <returns>Null where the archive is not encrypted.</returns>
    internal AesGcm? Cipher(ReadOnlySpan<byte> salt, BlobKind kind) =>
        master is null ? null : new AesGcm(Derive(master, salt, $"migrator archive v1 {kind.Magic}"), Segments.TagLength);

    /// <summary>Shows that this was written with the master key.</summary>
    internal byte[] Seal(ReadOnlySpan<byte> content) => HMACSHA256.HashData(Derive(master!, [], "migrator archive v1 format"), content);

    /// <summary>Shows that a note beside the archive was written by somebody with the master key. In a plain archive anybody can make one.</summary>
    internal byte[] SealNote(ReadOnlySpan<byte> note) => master is null ? SHA256.HashData(note) : HMACSHA256.HashData(Derive(master, [], "migrator archive v1 note"), note);

    /// <summary>The master key once more, under another secret.</summary>
    internal Task<KeyRecord> WrapAsync(IKeyWrapper wrapper, CancellationToken cancellationToken) =>
        wrapper.WrapAsync(master ?? throw new InvalidOperationException("A plain archive has no key."), cancellationToken);

    private ContentId Address(ContentId content) => _addressKey is null ? content : new ContentId(HMACSHA256.HashData(_addressKey, content.ToArray()));

    private static byte[] Derive(byte[] key, ReadOnlySpan<byte> salt, string info)
    {
        var derived = new byte[Length];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, key, derived, salt, Encoding.ASCII.GetBytes(info));
        return derived;
    }
}
