namespace Migrator.Core.Archives;

/// <param name="Warnings">What a person should know about the mailbox's snapshots.</param>
public sealed record ChosenSnapshot(SnapshotName Name, Snapshot Snapshot, IReadOnlyList<string> Warnings)
{
    /// <summary>There is a later one that was not asked for and lacks something.</summary>
    public bool IsOlder { get; init; }
}
