namespace Migrator.Core.Blobs;

/// <param name="Size">In bytes.</param>
/// <param name="Modified">When it was committed or replaced last, by the store's clock.</param>
public sealed record BlobInfo(string Name, long Size, DateTimeOffset Modified)
{
    /// <summary>Where the store keeps it, in the store's words, lower case ("hot", "cool", "cold", "archive"); null where it has only one
    /// such place.</summary>
    public string? Tier { get; init; }

    /// <summary>Whether its bytes can be read.</summary>
    public BlobAccess Access { get; init; }
}
