using Migrator.Storage.Blobs.Azure;

namespace Migrator.App.Hosting;

/// <summary>What a command does with an archive: decides what its credentials have to allow.</summary>
public enum ArchiveUse
{
    Read,

    /// <summary>Adds to it, under a lease.</summary>
    Write,

    /// <summary>Removes something of it, under a lease.</summary>
    Remove,

    /// <summary>Changes only where its blobs lie.</summary>
    Move,
}

internal static class ArchiveUses
{
    private static readonly AzurePermission[] s_reading = [AzurePermission.Read, AzurePermission.List];

    public static IReadOnlyList<AzurePermission> OfStore(this ArchiveUse use) =>
        use switch
        {
            ArchiveUse.Read => s_reading,
            ArchiveUse.Remove => [.. s_reading, AzurePermission.Write, AzurePermission.Delete],
            _ => [.. s_reading, AzurePermission.Write],
        };

    // Leases and notes come, change and go.
    public static IReadOnlyList<AzurePermission> OfControlStore(this ArchiveUse use) =>
        use is ArchiveUse.Read or ArchiveUse.Move ? s_reading : [.. s_reading, AzurePermission.Write, AzurePermission.Delete];
}
