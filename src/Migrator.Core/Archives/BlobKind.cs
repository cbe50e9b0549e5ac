namespace Migrator.Core.Archives;

/// <summary>The kinds of blobs that hold segments; each begins with eight letters of its own.</summary>
/// <param name="Magic">The first eight bytes, ASCII.</param>
/// <param name="Prefix">What the names of such blobs begin with.</param>
public sealed record BlobKind(string Magic, string Prefix)
{
    /// <summary>Messages.</summary>
    public static readonly BlobKind Pack = new("MIGRPACK", "packs/");

    /// <summary>Pages of snapshots: apart from messages, so that mail can lie in a cheaper tier than what is read each
    /// night.</summary>
    public static readonly BlobKind Pages = new("MIGRPAGE", "pages/");

    /// <summary>Header fields of messages, to search in: apart from messages, so that a search reads no mail.</summary>
    public static readonly BlobKind Headers = new("MIGRHEAD", "headers/");

    public static readonly BlobKind Index = new("MIGRINDX", "index/");

    public static readonly BlobKind Snapshot = new("MIGRSNAP", "snapshots/");

    /// <summary>The kinds of packs that this version knows; later ones may add some.</summary>
    public static readonly IReadOnlyList<BlobKind> Packs = [Pack, Pages, Headers];

    public static bool IsPack(string name) => Packs.Any(kind => kind.IsOf(name));

    /// <summary>The pack kind that a blob name says.</summary>
    public static BlobKind OfPack(string name) => Packs.FirstOrDefault(kind => kind.IsOf(name)) ?? Pack;

    /// <summary>Whether a blob of this name is of this kind.</summary>
    public bool IsOf(string name) => name.StartsWith(Prefix, StringComparison.Ordinal);
}
