namespace Migrator.Core.Reports;

/// <summary>What upkeep found and did in one archive.</summary>
/// <param name="Mailboxes">All that the archive holds, those first that were proved restorable longest ago.</param>
/// <param name="PacksRead">By the check.</param>
/// <param name="BytesRead">In those packs.</param>
/// <param name="SnapshotsRemoved">By prune.</param>
/// <param name="PacksRemoved">By prune.</param>
/// <param name="BytesRemoved">In those packs.</param>
public sealed record UpkeepResult(
    IReadOnlyList<MailboxProof> Mailboxes,
    int PacksRead,
    long BytesRead,
    int SnapshotsRemoved,
    int PacksRemoved,
    long BytesRemoved
);
