using System.Buffers.Text;
using System.Security.Cryptography;
using Azure.Core;
using Migrator.Core.Archives;
using Migrator.Core.Failures;

namespace Migrator.Storage.Keys;

/// <summary>Has an archive's master key wrapped by an RSA key in Azure Key Vault, which never leaves it.</summary>
/// <param name="key">The key's identifier, with a version or without: <c>https://VAULT.vault.azure.net/keys/NAME</c>.</param>
/// <param name="credential">Null for what the machine offers: environment variables, managed identity, Azure CLI.</param>
/// <param name="options">Null for the ordinary way, which all wrappers of a vault share.</param>
public sealed class KeyVaultKeyWrapper(Uri key, TokenCredential? credential = null, KeyVaultOptions? options = null) : IKeyWrapper
{
    private const string Kind = "azureKeyVault";

    private readonly KeyVaultClient _vault = KeyVaultClient.Of(key, credential, options);

    /// <summary>Who gives tokens for a vault, by the cloud that its host is in.</summary>
    public static Uri Authority(Uri vault) => AzureIdentity.Authority(vault);

    public bool Fits(KeyRecord record) => record is { Kind: Kind, Derivation: KeyVaultClient.Algorithm };

    public async Task<KeyRecord> WrapAsync(byte[] master, CancellationToken cancellationToken)
    {
        var result =
            await _vault.CallAsync(key, KeyVaultOperation.WrapKey, Base64Url.EncodeToString(master), cancellationToken)
            ?? throw new StorageException(
                Reason.VaultKeyUnusable,
                $"Azure Key Vault does not wrap with {key}: it has to be an RSA key that supports {KeyVaultClient.Algorithm}."
            );
        // With the version that was used: the key may be rotated.
        var used =
            result.Key is null ? key
            : Uri.TryCreate(result.Key, UriKind.Absolute, out var named) && IsInVault(named) ? named
            : throw KeyVaultFailure.Nonsense(key);
        var record = new KeyRecord(Kind, KeyVaultClient.Algorithm, null, null, null, used.ToString(), Bytes(result.Value));
        // Wrap Key and Unwrap Key are two permissions: an archive that nobody can open must be noticed before mail is in it.
        return await UnwrapAsync(record, cancellationToken) is { } back && CryptographicOperations.FixedTimeEquals(back, master)
            ? record
            : throw new StorageException(
                Reason.VaultKeyUnusable,
                $"Azure Key Vault does not unwrap with {used} what it has wrapped with it; nothing was stored."
            );
    }

    // By the recorded identifier, but only in the vault that was given: an archive must not send tokens to a host of its choice.
    public async Task<byte[]?> UnwrapAsync(KeyRecord record, CancellationToken cancellationToken) =>
        Uri.TryCreate(record.Vault, UriKind.Absolute, out var recorded)
        && IsInVault(recorded)
        && record.Wrapped is { } wrapped
        && await _vault.CallAsync(recorded, KeyVaultOperation.UnwrapKey, Base64Url.EncodeToString(wrapped), cancellationToken) is { } result
            ? Bytes(result.Value)
            : null;

    private bool IsInVault(Uri named) =>
        named.Scheme == key.Scheme
        && string.Equals(named.Host, key.Host, StringComparison.OrdinalIgnoreCase)
        && named.Port == key.Port
        && named is { UserInfo: "", Query: "", Fragment: "" }
        && named.AbsolutePath.StartsWith("/keys/", StringComparison.Ordinal);

    private byte[] Bytes(string text)
    {
        try
        {
            return Base64Url.DecodeFromChars(text);
        }
        catch (FormatException)
        {
            throw KeyVaultFailure.Nonsense(key);
        }
    }
}
