namespace Migrator.Core.Archives;

/// <summary>The master key, wrapped in one way; an archive has one such record or several, any of which opens it. Its blob is named
/// for its SHA-256: <c>keys/&lt;hash&gt;.json</c>.</summary>
/// <param name="Kind">"passphrase", "keyFile", "recovery" or "azureKeyVault".</param>
/// <param name="Derivation">How the wrapping key is made: "argon2id" or "pbkdf2-sha512" of a passphrase, "hkdf-sha256" of a key
/// file or recovery key; null where a vault keeps it.</param>
/// <param name="Salt">For the derivation, 32 bytes.</param>
/// <param name="Iterations">Of argon2id or pbkdf2-sha512.</param>
/// <param name="MemoryKiB">Of argon2id.</param>
/// <param name="Vault">The identifier of the vault's key.</param>
/// <param name="Wrapped">By a secret: <see cref="SealedKey"/>. By a vault: what it gave.</param>
public sealed record KeyRecord(
    string Kind,
    string? Derivation,
    byte[]? Salt,
    int? Iterations,
    int? MemoryKiB,
    string? Vault,
    byte[]? Wrapped
)
{
    /// <summary>Which of the master keys is wrapped: how often it had been replaced; null for the first.</summary>
    public int? Generation { get; init; }

    /// <summary>Those before it, from the first on, sealed by a key that is derived from it.</summary>
    public byte[]? Previous { get; init; }
}
