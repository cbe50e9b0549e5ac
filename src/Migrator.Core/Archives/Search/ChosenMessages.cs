namespace Migrator.Core.Archives.Search;

/// <summary>Messages that somebody has named, from the newest snapshot that holds each, as if they were all that is in their
/// mailbox.</summary>
/// <param name="Name">Of the newest of these snapshots, with an id that stands for this choice in reports and records.</param>
/// <param name="Snapshot">Has the folders that they were in, and no pages.</param>
/// <param name="Messages">By folder, ascending by UID. Where two of different snapshots had one UID, one of them has another here.</param>
/// <param name="Warnings">What a person should know about the mailbox's snapshots.</param>
public sealed record ChosenMessages(
    SnapshotName Name,
    Snapshot Snapshot,
    IReadOnlyDictionary<Core.Mail.FolderPath, List<ArchivedMessage>> Messages,
    IReadOnlyList<string> Warnings
);
