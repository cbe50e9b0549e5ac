namespace Migrator.Core.Archives;

/// <summary>What a check looked at and what it found.</summary>
/// <param name="Blobs">Blobs in the archive.</param>
/// <param name="Objects">Objects recorded: messages and pages, each content once.</param>
/// <param name="PacksRead">Packs that were read whole.</param>
/// <param name="BytesRead">In those packs.</param>
/// <param name="Problems">Empty where everything is there and intact, as far as was looked.</param>
/// <param name="Notes">What a person should know although nothing is wrong.</param>
public sealed record CheckReport(
    string Archive,
    int Blobs,
    int Snapshots,
    long Objects,
    int Packs,
    int PacksRead,
    long BytesRead,
    IReadOnlyList<ArchiveProblem> Problems,
    IReadOnlyList<string> Notes
)
{
    /// <summary>Packs that are there and could not be read, because the store has taken them offline.</summary>
    public int PacksOffline { get; init; }

    /// <summary>In those packs.</summary>
    public long BytesOffline { get; init; }
}
