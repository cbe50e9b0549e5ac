namespace Migrator.Storage.Blobs.Azure;

/// <summary>What Azure Blob Storage costs, for estimates. The defaults are list prices, rounded, of one region (East US 2) for locally
/// redundant storage with a flat namespace, without tax and without traffic out of Azure; other regions and redundancies differ by up to a
/// factor of three.</summary>
public sealed record AzurePrices
{
    private const decimal Gigabyte = 1L << 30;

    public string Currency { get; init; } = "USD";

    /// <summary>By the tier's name, lower case: hot, cool, cold, archive.</summary>
    public IReadOnlyDictionary<string, AzureTierPrice> Tiers { get; init; } =
        new Dictionary<string, AzureTierPrice>
        {
            ["hot"] = new(0.0184m, 0.05m, 0.004m, 0, 0),
            ["cool"] = new(0.01m, 0.10m, 0.01m, 0.01m, 30),
            ["cold"] = new(0.0036m, 0.18m, 0.10m, 0.03m, 90),
            ["archive"] = new(0.002m, 0.10m, 5.00m, 0.02m, 180),
        };

    /// <summary>Of reads from the archive tier with high priority, for 10,000.</summary>
    public decimal HighPriorityReadPer10000 { get; init; } = 50.00m;

    /// <summary>Of bytes that come back from the archive tier with high priority.</summary>
    public decimal HighPriorityRetrievePerGB { get; init; } = 0.10m;

    /// <summary>How long a blob takes at most to come back from the archive tier.</summary>
    public int StandardPriorityHours { get; init; } = 15;

    /// <summary>The same with high priority, for blobs below 10 GB.</summary>
    public int HighPriorityHours { get; init; } = 1;

    /// <summary>To keep bytes in a tier for a month.</summary>
    public decimal Month(string tier, long bytes) => Of(tier).StorePerGB * bytes / Gigabyte;

    public decimal Write(string tier, long requests) => Of(tier).WritePer10000 * requests / 10_000;

    /// <summary>To read bytes from a tier in so many requests.</summary>
    public decimal Read(string tier, long requests, long bytes) =>
        (Of(tier).ReadPer10000 * requests / 10_000) + (Of(tier).RetrievePerGB * bytes / Gigabyte);

    /// <summary>To bring blobs back from the archive tier, once. Without what is due where they lay there for less than
    /// <see cref="AzureTierPrice.MinimumDays"/>.</summary>
    public decimal Rehydrate(long blobs, long bytes, bool highPriority) =>
        highPriority
            ? (HighPriorityReadPer10000 * blobs / 10_000) + (HighPriorityRetrievePerGB * bytes / Gigabyte)
            : Read("archive", blobs, bytes);

    public int Hours(bool highPriority) => highPriority ? HighPriorityHours : StandardPriorityHours;

    // A tier that this version does not know counts as the dearest to keep.
    private AzureTierPrice Of(string tier) => Tiers.GetValueOrDefault(tier) ?? Tiers["hot"];
}
