using Migrator.Core.Archives;
using Migrator.Core.Folders;
using Migrator.Core.Mail;

namespace Migrator.Core.Backups;

/// <summary>Decides what a backup does with each folder, before the first is opened.</summary>
internal static class BackupPlan
{
    /// <param name="before">The snapshot that the run carries on; null for none.</param>
    /// <param name="account">Where the mailbox is read.</param>
    /// <param name="knows">Whether the archive holds a page.</param>
    /// <returns>In the order of the snapshot, each with the same folder in the snapshot before; of another account, with none.</returns>
    public static IEnumerable<(MailFolder Folder, PlannedState State, SnapshotFolder? Same)> Decide(
        IReadOnlyList<MailFolder> listed,
        FolderChoice rules,
        Snapshot? before,
        string account,
        Func<SnapshotPage, bool> knows
    )
    {
        var inOrder = listed
            .Where(rules.Covers)
            .OrderBy(folder => !folder.Path.IsInbox)
            .ThenBy(folder => folder.Path.ToString(), StringComparer.Ordinal);
        var known = new FoldersByPath(before?.IsOf(account) == true ? before.Folders : []);
        foreach (var folder in inOrder)
        {
            var same = known.Find(folder.Path);
            yield return (
                folder,
                !rules.Includes(folder.Path) ? PlannedState.LeftOut
                : !folder.Selectable ? PlannedState.Container
                : IsUnchanged(folder, same, before) && same!.Pages.All(knows) ? PlannedState.Unchanged
                : PlannedState.Changed,
                same
            );
        }
    }

    private static bool IsUnchanged(MailFolder folder, SnapshotFolder? same, Snapshot? before) =>
        // Without mod-sequences a changed flag cannot be seen from outside. Of a snapshot that is not complete, nobody knows which folder
        // is.
        before?.State == SnapshotState.Complete
        && same is not null
        && folder.State is { HighestModSeq: > 0 } state
        && same.State == state
        && same.Use == folder.Use
        && same.Subscribed == folder.Subscribed
        && same.Count == state.Count;
}
