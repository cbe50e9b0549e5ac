using System.Text.Json.Serialization;
using Migrator.Core.Failures;
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

/// <param name="Messages">That were in no pack before.</param>
/// <param name="Plain">Their bytes.</param>
/// <param name="Stored">Bytes that they, their headers and the pages took in packs.</param>
public sealed record StoredTotals(long Messages, long Plain, long Stored)
{
    public static readonly StoredTotals None = new(0, 0, 0);
}

public enum SnapshotState
{
    /// <summary>Everything that the source listed is in it.</summary>
    Complete,

    /// <summary>Something is missing: <see cref="Snapshot.Gaps"/> says what, and why.</summary>
    Partial,

    /// <summary>Written on the way, so that an interrupted run need not begin again; a later snapshot takes its
    /// place.</summary>
    InProgress,
}

/// <param name="Uid">Null where the folder as a whole, or the rest of the run, is meant.</param>
public sealed record MissingItem(FolderPath? Folder, Uid? Uid, Failure Failure);

/// <param name="State">What the source said of it when it was read; null for one that holds only folders.</param>
/// <param name="Count">Messages in it.</param>
/// <param name="Bytes">Of all its messages together.</param>
/// <param name="Pages">Its messages, ascending by UID.</param>
public sealed record SnapshotFolder(
    FolderPath Path,
    SpecialUse Use,
    bool Selectable,
    bool Subscribed,
    FolderState? State,
    int Count,
    [property: JsonPropertyName("octets")] long Bytes,
    IReadOnlyList<SnapshotPage> Pages
)
{
    public bool Equals(SnapshotFolder? other) =>
        other is not null
        && Path == other.Path
        && Use == other.Use
        && Selectable == other.Selectable
        && Subscribed == other.Subscribed
        && State == other.State
        && Count == other.Count
        && Pages.SequenceEqual(other.Pages);

    public override int GetHashCode() => HashCode.Combine(Path, State, Count);
}

/// <param name="Identity">The page that identifies its messages.</param>
/// <param name="Flags">The page with their flags.</param>
/// <param name="LastUid">The highest UID in it.</param>
/// <param name="Count">Messages in it, at most 4,096.</param>
public sealed record SnapshotPage(ContentId Identity, ContentId Flags, Uid LastUid, int Count);
