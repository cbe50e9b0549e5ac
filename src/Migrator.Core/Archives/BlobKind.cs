namespace Migrator.Core.Archives;

/// <summary>The kinds of blobs that hold segments; each begins with eight letters of its own.</summary>
/// <param name="Magic">The first eight octets, ASCII.</param>
/// <param name="Prefix">What the names of such blobs begin with.</param>
public sealed record BlobKind(string Magic, string Prefix)
{
    /// <summary>Messages.</summary>
    public static readonly BlobKind Pack = new("MIGRPACK", "packs/");

    /// <summary>Pages of snapshots: apart from messages, so that mail can lie in a cheaper tier than what is read each
    /// night.</summary>
    public static readonly BlobKind Pages = new("MIGRPAGE", "pages/");

    public static readonly BlobKind Index = new("MIGRINDX", "index/");

    public static readonly BlobKind Snapshot = new("MIGRSNAP", "snapshots/");

    /// <summary>The kinds of packs that this version knows; later ones may add some.</summary>
    public static bool IsPack(string name) => name.StartsWith(Pack.Prefix, StringComparison.Ordinal) || name.StartsWith(Pages.Prefix, StringComparison.Ordinal);

    /// <summary>The pack kind that a blob name says.</summary>
    public static BlobKind OfPack(string name) => name.StartsWith(Pages.Prefix, StringComparison.Ordinal) ? Pages : Pack;
}
