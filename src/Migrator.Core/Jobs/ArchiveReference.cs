using Migrator.Core.Secrets;

namespace Migrator.Core.Jobs;

/// <summary>Where an archive is, and how to get in.</summary>
/// <param name="Location">A directory, or the URL of a container at Azure Blob Storage, with a prefix behind it or without; with
/// <paramref name="ConnectionString"/>, the container's name.</param>
/// <param name="ConnectionString">Of a storage account; null for other credentials.</param>
/// <param name="Sas">A shared access signature for the container; null for other credentials. Without either, whoever this machine or
/// user is (DefaultAzureCredential).</param>
/// <param name="ControlStore">Where leases and notes lie, which change; null for <c>.side</c> in the directory, or the container whose name
/// has <c>-side</c> behind it.</param>
/// <param name="Passphrase">Of an encrypted archive; null where another key, or none, opens it.</param>
/// <param name="KeyFile">Its content is the key of an encrypted archive.</param>
/// <param name="KeyVault">The identifier of a key in Azure Key Vault that wraps the archive's key.</param>
/// <param name="Tiers">The access tier of blobs by the beginnings of their names: "packs/" to "Cool".</param>
public sealed record ArchiveReference(
    string Location,
    SecretReference? ConnectionString,
    SecretReference? Sas,
    string? ControlStore,
    SecretReference? Passphrase,
    string? KeyFile,
    string? KeyVault,
    IReadOnlyDictionary<string, string> Tiers
)
{
    /// <summary>A shared access signature for the side, where that of the archive does not reach it; null for the archive's own
    /// credentials.</summary>
    public SecretReference? ControlStoreSas { get; init; }

    /// <summary>Opens an encrypted archive whatever its other keys are; null for the ordinary key.</summary>
    public SecretReference? RecoveryKey { get; init; }

    public static ArchiveReference Local(string directory) =>
        new(Path.GetFullPath(directory), null, null, null, null, null, null, new Dictionary<string, string>());

    public bool IsAzure => ConnectionString is not null || IsUrl(Location);

    /// <summary>Of an archive in a container, leases and notes may lie in a directory: with a connection string, <see cref="ControlStore"/>
    /// is the name of a container unless it is written as a path.</summary>
    public bool HasControlDirectory =>
        ControlStore is { } controlStore
        && !IsUrl(controlStore)
        && (!IsAzure || ConnectionString is null || Path.IsPathRooted(controlStore) || controlStore[0] is '.' or '/' or '\\');

    /// <summary>With paths that do not depend on where it is used.</summary>
    /// <param name="directory">What relative ones are relative to.</param>
    public ArchiveReference In(string directory) =>
        this with
        {
            Location = IsAzure ? Location : Path.GetFullPath(Location, directory),
            ControlStore = HasControlDirectory ? Path.GetFullPath(ControlStore!, directory) : ControlStore,
        };

    /// <summary>What is wrong about where its parts are said to be, each with the part.</summary>
    public IEnumerable<(string Part, string Message)> Mistakes()
    {
        if (IsUrl(Location) && Location.Contains('?', StringComparison.Ordinal))
            yield return (
                "location",
                "must not hold a shared access signature (it is not shown here); put the part after the \"?\" where sas "
                    + "says, such as \"env:NAME\"."
            );
        if (ControlStore is { } controlStore && IsUrl(controlStore) && controlStore.Contains('?', StringComparison.Ordinal))
            yield return (
                "controlStore",
                "must not hold a shared access signature (it is not shown here); put the part after the \"?\" where "
                    + "controlStoreSas says, such as \"env:NAME\"."
            );
        if (ConnectionString is not null && Sas is not null)
            yield return ("", "give either connectionString or sas, not both.");
        if (Sas is not null && !IsUrl(Location))
            yield return ("sas", "requires the URL of a container as the location.");
        if (ControlStoreSas is not null && (ConnectionString is not null || !IsAzure || HasControlDirectory))
            yield return ("controlStoreSas", "requires a control store in Azure Blob Storage, of an archive that is opened by its URL.");
    }

    private static bool IsUrl(string text) =>
        text.StartsWith("https://", StringComparison.OrdinalIgnoreCase) || text.StartsWith("http://", StringComparison.OrdinalIgnoreCase);
}
