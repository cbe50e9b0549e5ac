using Migrator.Core.Mail;

namespace Migrator.Core.Archives;

/// <summary>One mailbox at one moment. Whatever it names was durable before it was written.</summary>
/// <param name="Version">Of this shape: 1.</param>
/// <param name="Mailbox">What the mailbox is called, whatever server it is on.</param>
/// <param name="Account">Where it was read; null where that is what it is called.</param>
/// <param name="Sequence">Its place among the snapshots of this mailbox, from 1 on: clocks may be wrong.</param>
/// <param name="Started">When the run that wrote it began.</param>
/// <param name="Finished">When it was written.</param>
/// <param name="Previous">The name of the snapshot that it carries on; null for the first.</param>
/// <param name="Gaps">What is missing in a partial one, and why.</param>
/// <param name="Keys">Pages of what a source without UIDs knows its messages by, in order; empty for IMAP.</param>
public sealed record Snapshot(
    int Version,
    string Mailbox,
    string? Account,
    long Sequence,
    DateTimeOffset Started,
    DateTimeOffset Finished,
    SnapshotState State,
    string? Previous,
    IReadOnlyList<MissingItem> Gaps,
    IReadOnlyList<SnapshotFolder> Folders,
    IReadOnlyList<ContentId> Keys
)
{
    public const int CurrentVersion = 1;

    /// <summary>What all runs of this mailbox have stored up to here; null in one of a version that did not count.</summary>
    public StoredTotals? Total { get; init; }

    /// <summary>Whether it is of this account. On another server, numbers mean other messages, even where they are the same.</summary>
    public bool IsOf(string account) => (Account ?? Mailbox) == account;

    public long Messages => Folders.Sum(folder => (long)folder.Count);

    public long Bytes => Folders.Sum(folder => folder.Bytes);
}
