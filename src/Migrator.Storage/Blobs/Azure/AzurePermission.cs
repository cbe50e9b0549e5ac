namespace Migrator.Storage.Blobs.Azure;

/// <summary>What a request to a container has to be allowed.</summary>
public enum AzurePermission
{
    Read,
    List,
    Write,
    Delete,
    CreateContainer,
}

internal static class AzurePermissions
{
    public static string Verb(this AzurePermission permission) =>
        permission switch
        {
            AzurePermission.Read => "read blobs",
            AzurePermission.List => "list blobs",
            AzurePermission.Write => "write blobs",
            AzurePermission.Delete => "delete blobs",
            _ => "create containers",
        };

    /// <summary>As a shared access signature has it in <c>sp</c>.</summary>
    public static char Letter(this AzurePermission permission) =>
        permission switch
        {
            AzurePermission.Read => 'r',
            AzurePermission.List => 'l',
            AzurePermission.Write => 'w',
            AzurePermission.Delete => 'd',
            _ => 'c',
        };

    public static string Name(this AzurePermission permission) =>
        permission == AzurePermission.CreateContainer ? "create" : permission.ToString().ToLowerInvariant();

    /// <summary>Azure's role that has it and is the smallest of those that an archive takes.</summary>
    public static string Role(this AzurePermission permission) =>
        permission is AzurePermission.Read or AzurePermission.List ? "Storage Blob Data Reader" : "Storage Blob Data Contributor";
}
