using Migrator.Core.Archives;

namespace Migrator.Core.Backups;

/// <summary>What an archive says of a mailbox so far: read by a check, without a lease.</summary>
/// <param name="Index">Null where there is no archive.</param>
/// <param name="UidMap">Likewise.</param>
internal sealed record ArchivedPast(
    ArchiveIndex? Index,
    int Snapshots,
    SnapshotName? Last,
    Snapshot? Before,
    SnapshotUidMap? UidMap,
    IReadOnlyList<string> Problems
)
{
    public static readonly ArchivedPast None = new(null, 0, null, null, null, []);

    public static async Task<ArchivedPast> ReadAsync(Archive archive, string mailbox, Action<string> notice, CancellationToken stop)
    {
        var seen = await archive.Memory.LastAsync(archive.Format.Id, archive.MailboxName(mailbox), stop);
        var index = await archive.IndexAsync(stop);
        var names = await archive.SnapshotsAsync(mailbox, stop);
        var newest = await SnapshotChoice.NewestAsync(archive, names, null, notice, stop);
        var uidMap = await SnapshotUidMap.ReadAsync(archive, index, newest?.Snapshot, stop);
        IReadOnlyList<string> problems = seen?.IsGone(names, newest?.Name) == true ? [seen.Words(archive.Location, names)] : [];
        return new ArchivedPast(index, names.Count, newest?.Name, newest?.Snapshot, uidMap, problems);
    }
}
