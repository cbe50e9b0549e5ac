namespace Migrator.Core.Archives;

/// <param name="Name">Of the newest snapshot that can be read.</param>
public sealed record ArchivedMailbox(SnapshotName Name, Snapshot Newest, SnapshotHistory History);
