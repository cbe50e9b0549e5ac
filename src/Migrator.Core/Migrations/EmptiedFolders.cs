using Migrator.Core.Failures;
using Migrator.Core.Mail;

namespace Migrator.Core.Migrations;

/// <summary>Deletes folders that Migrator created and that are empty again, the deepest first. What stays is named with the
/// reason.</summary>
internal sealed class EmptiedFolders(UndoTally tally, bool isTrial)
{
    // The answer to a DELETE may have been lost.
    private readonly HashSet<FolderPath> _asked = [];

    /// <summary>May be repeated after a lost connection.</summary>
    /// <param name="folders">With the UIDVALIDITY that each had; 0 for any.</param>
    public async Task DeleteAsync(IMailTarget target, IReadOnlyDictionary<FolderPath, UidValidity> folders, CancellationToken stop)
    {
        var listed = (await target.ListFoldersAsync(stop)).ToDictionary(folder => folder.Path);
        var below = new Dictionary<FolderPath, int>();
        foreach (var path in listed.Keys)
            Count(below, path, 1);
        foreach (var (path, validity) in folders.OrderByDescending(folder => folder.Key.Names.Count))
        {
            if (!listed.TryGetValue(path, out var folder) || path.IsInbox)
            {
                if (_asked.Contains(path))
                    tally.Delete(path);
                continue;
            }
            if (await ObstacleAsync(target, folder, validity, below.GetValueOrDefault(path), stop) is { } why)
            {
                tally.Keep(path, why);
                continue;
            }
            tally.Delete(path);
            Count(below, path, -1);
        }
    }

    /// <returns>Why it stays; null where it is deleted.</returns>
    private async Task<string?> ObstacleAsync(
        IMailTarget target,
        MailFolder folder,
        UidValidity validity,
        int below,
        CancellationToken stop
    )
    {
        if (below > 0)
            return "it contains folders that stay";
        try
        {
            FolderState? state = null;
            if (folder.Selectable)
            {
                var opened = await target.OpenAsync(folder.Path, stop);
                if (validity.IsKnown && opened.UidValidity != validity)
                    return "the target has recreated or renumbered it";
                // A trial has moved nothing out of it.
                if (opened.Count - (isTrial ? tally.TakenOf(folder.Path) : 0) is var left and > 0)
                    return $"it contains {left:N0} other message{(left == 1 ? "" : "s")}";
                state = opened;
            }
            if (isTrial)
                return null;
            _asked.Add(folder.Path);
            return await target.DeleteFolderAsync(folder.Path, state, stop) ? null : "it has just been used";
        }
        catch (MailException exception) when (exception.Reason.Scope is FailureScope.Message or FailureScope.Folder or FailureScope.Mailbox)
        {
            return $"the target does not delete it: {exception.Detail}";
        }
    }

    private static void Count(Dictionary<FolderPath, int> below, FolderPath path, int one)
    {
        for (var parent = path.Parent; parent is not null; parent = parent.Parent)
            below[parent] = below.GetValueOrDefault(parent) + one;
    }
}
