using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Migrator.Core.Mail;

namespace Migrator.Core.Archives;

/// <summary>What an archive's master keys give: object ids and blob keys. Without a master key, the archive is plain.</summary>
/// <param name="masters">32 bytes each, by generation: the first was made with the archive, the last seals what is written now. Empty for
/// an archive that is not encrypted.</param>
public sealed class ArchiveKeys(IReadOnlyList<byte[]> masters)
{
    public const int Length = 32;

    /// <summary>What a blob says of its key: the generation of the master key, and a salt.</summary>
    internal const int StampLength = sizeof(uint) + SaltLength;

    private const int SaltLength = 32;

    public static readonly ArchiveKeys None = new([]);

    private readonly byte[]? _addressKey = masters.Count == 0 ? null : Derive(masters[0], [], "migrator archive v1 address");

    public bool Encrypted => masters.Count > 0;

    /// <summary>How often the master key was replaced.</summary>
    public int Generation => Math.Max(masters.Count - 1, 0);

    /// <summary>Tells whether a master key is the one that was seen before, and gives nothing of it away.</summary>
    public string Fingerprint =>
        Encrypted ? Convert.ToHexStringLower(Derive(masters[^1], [], "migrator archive v1 fingerprint"))[..16] : "";

    /// <summary>Where the object with this content is stored.</summary>
    public ObjectId AddressOf(ContentId content) => new(Address(content));

    /// <summary>A name for a text that must not be readable where the archive is encrypted: 32 hexadecimal digits.</summary>
    public string NameOf(string text) => Address(ContentId.Of(Encoding.UTF8.GetBytes(text))).ToString()[..32];

    /// <summary>What a new blob says of its key. Random in a plain archive too, although no key is made of it there: a pack is named for
    /// its bytes, and one that repair writes must not have the name of the damaged one that it replaces.</summary>
    internal byte[] Stamp()
    {
        var stamp = new byte[StampLength];
        BinaryPrimitives.WriteUInt32LittleEndian(stamp, (uint)Generation);
        RandomNumberGenerator.Fill(stamp.AsSpan(sizeof(uint)));
        return stamp;
    }

    /// <summary>The key of one blob, never used for another: nonces need to be unique within a blob only.</summary>
    /// <param name="stamp">From the blob's header or trailer.</param>
    /// <param name="kind">What kind of blob it is: one kind cannot be passed off as another.</param>
    /// <returns>Null where the archive is not encrypted. For a generation that is not known, a key that opens nothing.</returns>
    internal AesGcm? Cipher(ReadOnlySpan<byte> stamp, BlobKind kind)
    {
        if (!Encrypted)
            return null;
        var generation = BinaryPrimitives.ReadUInt32LittleEndian(stamp);
        return new AesGcm(
            generation < masters.Count
                ? Derive(masters[(int)generation], stamp[sizeof(uint)..], $"migrator archive v1 {kind.Magic}")
                : RandomNumberGenerator.GetBytes(Length),
            Segments.TagLength
        );
    }

    /// <summary>Shows that this was written with the first master key.</summary>
    internal byte[] Seal(ReadOnlySpan<byte> content) => HMACSHA256.HashData(Derive(masters[0], [], "migrator archive v1 format"), content);

    /// <summary>Shows that a note beside the archive was written by somebody with the newest master key. In a plain archive anybody can
    /// make one.</summary>
    internal byte[] SealNote(ReadOnlySpan<byte> note) =>
        Encrypted ? HMACSHA256.HashData(Derive(masters[^1], [], "migrator archive v1 note"), note) : SHA256.HashData(note);

    /// <summary>The master keys once more, under another secret.</summary>
    internal async Task<KeyRecord> WrapAsync(IKeyWrapper wrapper, CancellationToken cancellationToken)
    {
        var record = await wrapper.WrapAsync(masters[^1], cancellationToken);
        return Generation == 0
            ? record
            : record with
            {
                Generation = Generation,
                Previous = SealedKey.Seal(PreviousKey(masters[^1]), [.. masters.SkipLast(1).SelectMany(master => master)]),
            };
    }

    /// <param name="master">As the record's secret unwrapped it.</param>
    /// <returns>Null where the record does not hold the keys of earlier generations.</returns>
    internal static ArchiveKeys? Open(KeyRecord record, byte[] master)
    {
        if (record.Generation is null or 0)
            return new ArchiveKeys([master]);
        return SealedKey.Open(PreviousKey(master), record.Previous) is { } previous && previous.Length == record.Generation * (long)Length
            ? new ArchiveKeys([.. previous.Chunk(Length), master])
            : null;
    }

    /// <summary>With a new master key for what is written from now on.</summary>
    internal ArchiveKeys Rotated() => new([.. masters, RandomNumberGenerator.GetBytes(Length)]);

    /// <summary>Whether these are later keys of the same archive, or the same ones.</summary>
    internal bool Continues(ArchiveKeys other) =>
        other.Generation <= Generation
        && Enumerable.Range(0, other.Generation + 1).All(generation => other.Master(generation).AsSpan().SequenceEqual(Master(generation)));

    private byte[] Master(int generation) => masters[generation];

    private ContentId Address(ContentId content) =>
        _addressKey is null ? content : new ContentId(HMACSHA256.HashData(_addressKey, content.ToArray()));

    private static byte[] PreviousKey(byte[] master) => Derive(master, [], "migrator archive v1 previous");

    private static byte[] Derive(byte[] key, ReadOnlySpan<byte> salt, string info)
    {
        var derived = new byte[Length];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, key, derived, salt, Encoding.ASCII.GetBytes(info));
        return derived;
    }
}
