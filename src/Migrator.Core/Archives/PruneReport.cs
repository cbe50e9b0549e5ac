namespace Migrator.Core.Archives;

/// <param name="Kept">Snapshots.</param>
/// <param name="Dropped">Snapshots that were removed, or would be.</param>
/// <param name="Packs">Packs that nobody needs and that were removed, or would be.</param>
/// <param name="Bytes">In them.</param>
/// <param name="Waiting">Packs that nobody needs and that are too young to be removed.</param>
/// <param name="Held">Blobs that the store did not let go of yet.</param>
public sealed record PruneReport(
    string Archive,
    bool DryRun,
    int Kept,
    int Dropped,
    int Packs,
    long Bytes,
    int Waiting,
    IReadOnlyList<string> Held
)
{
    /// <summary>Names of snapshots that were removed, or would be: at most 1,000.</summary>
    public IReadOnlyList<string> DroppedNames { get; init; } = [];

    /// <summary>No packs were removed, because a repair has set snapshots aside: what they need is not known.</summary>
    public bool Blind { get; init; }

    /// <summary>Packs that were small, or of which little was needed, and that others replace, or would.</summary>
    public int Merged { get; init; }

    /// <summary>Packs that replace them.</summary>
    public int MergedInto { get; init; }

    /// <summary>In a line.</summary>
    public string InALine() =>
        $"{Kept:N0} snapshots kept, {Dropped:N0} removed; {Packs:N0} packs with {Bytes:N0} bytes removed, {Merged:N0} merged.";

    /// <summary>Mailboxes of which all snapshots were kept, because they have lost far more messages than usual.</summary>
    public IReadOnlyList<ShrunkMailbox> Frozen { get; init; } = [];
}
