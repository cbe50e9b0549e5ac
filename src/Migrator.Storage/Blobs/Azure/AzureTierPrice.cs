namespace Migrator.Storage.Blobs.Azure;

/// <param name="StorePerGB">A month.</param>
/// <param name="WritePer10000">Requests; of listing, too.</param>
/// <param name="ReadPer10000">Requests.</param>
/// <param name="RetrievePerGB">That is read.</param>
/// <param name="MinimumDays">What is moved or removed earlier is paid for so long.</param>
public sealed record AzureTierPrice(
    decimal StorePerGB,
    decimal WritePer10000,
    decimal ReadPer10000,
    decimal RetrievePerGB,
    int MinimumDays
);
