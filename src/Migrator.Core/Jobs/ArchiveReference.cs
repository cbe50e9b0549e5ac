namespace Migrator.Core.Jobs;

/// <summary>Where an archive is, and how to get in.</summary>
/// <param name="Location">A directory, or the URL of a container at Azure Blob Storage, with a prefix behind it or without; with
/// <paramref name="ConnectionString"/>, the container's name.</param>
/// <param name="ConnectionString">Of a storage account; null for other credentials.</param>
/// <param name="Sas">A shared access signature for the container; null for other credentials. Without either, whoever this machine or
/// user is (DefaultAzureCredential).</param>
/// <param name="Side">Where leases and notes lie, which change; null for <c>.side</c> in the directory, or the container whose name has
/// <c>-side</c> behind it.</param>
/// <param name="Passphrase">Of an encrypted archive; null where another key, or none, opens it.</param>
/// <param name="KeyFile">Its content is the key of an encrypted archive.</param>
/// <param name="KeyVault">The identifier of a key in Azure Key Vault that wraps the archive's key.</param>
/// <param name="Tiers">The access tier of blobs by the beginnings of their names: "packs/" to "Cool".</param>
public sealed record ArchiveReference(
    string Location, SecretReference? ConnectionString, SecretReference? Sas, string? Side, SecretReference? Passphrase, string? KeyFile, string? KeyVault,
    IReadOnlyDictionary<string, string> Tiers)
{
    /// <summary>Opens an encrypted archive whatever its other keys are; null for the ordinary key.</summary>
    public SecretReference? RecoveryKey { get; init; }

    public static ArchiveReference Local(string directory) => new(Path.GetFullPath(directory), null, null, null, null, null, null, new Dictionary<string, string>());

    public bool IsAzure => ConnectionString is not null || Location.StartsWith("https://", StringComparison.OrdinalIgnoreCase) || Location.StartsWith("http://", StringComparison.OrdinalIgnoreCase);
}
