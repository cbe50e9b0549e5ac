namespace Migrator.Core.Archives;

/// <param name="Modified">When it was written by the store's clock.</param>
internal sealed record ListedSnapshot(SnapshotName Name, DateTimeOffset Modified);
