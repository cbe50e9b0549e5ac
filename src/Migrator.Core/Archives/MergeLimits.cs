namespace Migrator.Core.Archives;

/// <summary>Which packs a prune merges, and how much it does in one night.</summary>
internal static class MergeLimits
{
    /// <summary>Smaller packs are merged: a quarter of a full one, in bytes.</summary>
    public const long Small = 12L << 20;

    /// <summary>Of fewer small packs, nothing is gained.</summary>
    public const int FewestSmall = 4;

    /// <summary>Nor is one small that has so many objects: a quarter of what ends a pack. Else packs of tiny messages would be merged each
    /// night.</summary>
    public const int FewObjects = PackWriter.MostObjects / 4;

    public const long MostBytes = 1L << 30;

    /// <summary>Each is read, looked up and written.</summary>
    public const int MostObjects = 100_000;

    /// <summary>The same for header packs, of which a message takes some hundred bytes.</summary>
    public const long MostHeaderBytes = 48L << 20;

    public const int MostPacks = 10_000;
}
