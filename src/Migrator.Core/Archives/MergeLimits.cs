namespace Migrator.Core.Archives;

/// <summary>Which packs a prune merges, and how much it does in one night.</summary>
internal static class MergeLimits
{
    /// <summary>Smaller packs are merged: a quarter of a full one, in octets.</summary>
    public const long Small = 12L << 20;

    /// <summary>Of fewer small packs, nothing is gained.</summary>
    public const int FewestSmall = 4;

    public const long MostOctets = 1L << 30;

    public const int MostPacks = 10_000;
}
