using Migrator.Core.Checkpoints;
using Migrator.Core.Failures;
using Migrator.Core.Folders;
using Migrator.Core.Following;
using Migrator.Core.Jobs;
using Migrator.Core.Mail;
using Migrator.Core.Plans;
using Migrator.Core.Reports;

namespace Migrator.Core.Migrations;

/// <summary>A message that was deleted at the source leaves its place at the target too: the copy that was delivered, if nobody has touched
/// it. Last of all, when every message that the source has is at the target: what no message has taken until then belongs to
/// none.</summary>
/// <param name="targetFolders">As the target listed them.</param>
internal sealed class DeletionStage(
    RunContext run,
    FollowRules rules,
    FolderPath? into,
    IReadOnlyList<FolderCopyState> folders,
    IReadOnlyList<MailFolder> targetFolders
)
{
    private const int Chunk = 500;

    private readonly Dictionary<FolderPath, FolderCopyState> _copied = folders.ToDictionary(folder => folder.Mapping.Source.Path);
    private readonly List<Failure> _problems = [];
    private readonly HashSet<long> _done = [];

    // Named by this run, so that a session that is lost does not name them twice.
    private readonly HashSet<(long Folder, Uid Uid)> _kept = [];
    private bool _isPlaceMade;

    public FollowResult Result { get; private set; }

    /// <summary>Copies that would be deleted, and are not in the plan that the run carries out.</summary>
    public long Unplanned { get; private set; }

    /// <summary>Why deletions of a folder were not followed.</summary>
    public IReadOnlyList<Failure> Problems => _problems;

    /// <summary>May be repeated after a lost connection.</summary>
    /// <param name="listed">All folders of the source: nothing is known of what was deleted in those that are not copied.</param>
    public async Task RunAsync(SessionPair sessions, IReadOnlySet<FolderPath> listed, CancellationToken stop)
    {
        foreach (var folder in await FoldersAsync(listed, stop))
        {
            if (_done.Contains(folder.Id))
                continue;
            try
            {
                await FollowAsync(sessions.Target, folder, stop);
            }
            catch (MailException exception)
                when (exception.Reason.Scope is FailureScope.Message or FailureScope.Folder or FailureScope.Mailbox)
            {
                _problems.Add(Failure.Of(exception.Reason, $"{folder.Target}: deletions were not followed. {exception.Detail}"));
            }
            _done.Add(folder.Id);
        }
    }

    /// <summary>Finds out what would be deleted. Of the target, nothing changes.</summary>
    /// <param name="listed">As of <see cref="RunAsync"/>.</param>
    public async Task<IReadOnlyList<PlannedDeletion>> FindAsync(
        SessionPair sessions,
        IReadOnlySet<FolderPath> listed,
        CancellationToken stop
    )
    {
        var found = new List<PlannedDeletion>();
        foreach (var folder in await FoldersAsync(listed, stop))
        {
            if (await FindAsync(sessions.Target, folder, stop) is { } deletion)
                found.Add(deletion);
        }
        return found;
    }

    private async Task<IReadOnlyList<FolderCheckpoint>> FoldersAsync(IReadOnlySet<FolderPath> listed, CancellationToken stop) =>
        [
            .. (await run.Checkpoint.FoldersOfFormerAsync(stop)).Where(folder =>
                !listed.Contains(folder.Source) || _copied.ContainsKey(folder.Source)
            ),
        ];

    private async Task FollowAsync(IMailTarget target, FolderCheckpoint folder, CancellationToken stop)
    {
        if (await FindAsync(target, folder, stop) is not { } found)
            return;
        if (found.Held is { } objection)
        {
            Result += new FollowResult { Held = found.Uids.Count };
            _problems.Add(Failure.Of(Reason.DeletionsHeld, objection));
            return;
        }
        await foreach (var page in FormerCopies.PagesAsync(run.Checkpoint, folder, stop))
        {
            foreach (
                var some in page.Where(record => found.Uids.Contains(record.TargetUid.Uid))
                    .DistinctBy(record => record.TargetUid)
                    .Chunk(Chunk)
            )
                await DeleteAsync(target, folder, some, stop);
        }
    }

    /// <returns>What is to be deleted in a folder of the target, which is open then; null for nothing.</returns>
    private async Task<PlannedDeletion?> FindAsync(IMailTarget target, FolderCheckpoint folder, CancellationToken stop)
    {
        var copied = _copied.GetValueOrDefault(folder.Source);
        // Of an earlier numbering, nobody knows which messages were deleted: what none has recognized as its own may be any.
        if (copied is not null && copied.Seen.State?.UidValidity != folder.UidValidity)
            return null;
        if (!await OpensAsync(target, folder, stop))
        {
            // No UID says any more which copies are ours.
            await foreach (var page in FormerCopies.PagesAsync(run.Checkpoint, folder, stop))
                await WriteAsync(folder, page.Select(FormerCopies.Settled), stop);
            return null;
        }
        var due = await DueAsync(target, folder, stop);
        if (run.Plan is { } plan)
        {
            var planned = due.Intersect(plan.DeletionsOf(folder.Source, folder.Target, folder.TargetUidValidity));
            Unplanned += due.Count - planned.Count;
            due = planned;
        }
        return due.Count == 0
            ? null
            : new PlannedDeletion(folder.Source, folder.Target, folder.TargetUidValidity, due)
            {
                Held = run.Options.AllowDeletions ? null : await ObjectionAsync(folder, copied, due.Count, stop),
            };
    }

    /// <returns>UIDs of copies in the open folder whose messages were deleted and that nobody has touched, as far as shows without their
    /// content.</returns>
    private async Task<UidSet> DueAsync(IMailTarget target, FolderCheckpoint folder, CancellationToken stop)
    {
        var there = await target.ListUidsAsync(1, stop);
        var owned = await run.Checkpoint.OwnedAsync(folder.Target, folder.TargetUidValidity, stop);
        var due = UidSet.Empty;
        await foreach (var page in FormerCopies.PagesAsync(run.Checkpoint, folder, stop))
        {
            // That of another message by now; and what was moved or removed at the target, by a run that was killed or by its user.
            await WriteAsync(
                folder,
                page.Where(record => owned.Contains(record.TargetUid.Uid)).Select(record => record with { IsOurs = false }),
                stop
            );
            var others = page.Where(record => !owned.Contains(record.TargetUid.Uid)).ToList();
            await WriteAsync(folder, others.Where(record => !there.Contains(record.TargetUid.Uid)).Select(FormerCopies.Settled), stop);
            var copies = await ExamineAsync(
                target,
                folder,
                [.. others.Where(record => there.Contains(record.TargetUid.Uid)).DistinctBy(record => record.TargetUid)],
                readsContent: false,
                stop
            );
            due = due.Union(UidSet.Of(copies.Select(record => record.TargetUid.Uid)));
        }
        return due;
    }

    /// <returns>What nobody has touched. All else is named by each run, as long as it is there.</returns>
    private async Task<IReadOnlyList<MessageRecord>> ExamineAsync(
        IMailTarget target,
        FolderCheckpoint folder,
        IReadOnlyList<MessageRecord> records,
        bool readsContent,
        CancellationToken stop
    )
    {
        if (records.Count == 0)
            return [];
        var there = await new UntouchedCopies(target, forRemoval: true).ExamineAsync(records, readsContent, stop);
        foreach (var (record, change) in there.Where(copy => !copy.IsUntouched && _kept.Add((folder.Id, copy.Record.Uid))))
            run.Findings.Add(
                new Difference(
                    DifferenceKind.Kept,
                    folder.Source,
                    record.Uid,
                    folder.Target,
                    record.TargetUid,
                    RecordedDifferences.LeftFolder,
                    change!
                )
            );
        return [.. there.Where(copy => copy.IsUntouched).Select(copy => copy.Record)];
    }

    /// <returns>False where the target has another folder there by now, or none.</returns>
    private static async Task<bool> OpensAsync(IMailTarget target, FolderCheckpoint folder, CancellationToken stop) =>
        (await target.OpenIfThereAsync(folder.Target, stop))?.UidValidity == folder.TargetUidValidity;

    private async Task<string?> ObjectionAsync(FolderCheckpoint folder, FolderCopyState? copied, int due, CancellationToken stop)
    {
        var messages = $"{due:N0} delivered message{(due == 1 ? " is" : "s are")}";
        if (copied is null)
            return $"{folder.Source}: the source no longer has this folder, and {messages} gone with it.";
        if (copied.Seen.State?.Count == 0)
            return $"{folder.Source}: the folder is empty at the source, and {messages} no longer there.";
        var left = await run.Checkpoint.CountAsync(folder.Id, MessageStates.AtTarget, null, stop);
        return rules.Objection(due, left) is { } limit
            ? $"{folder.Source}: {messages} no longer at the source, {limit} of this folder in one run."
            : null;
    }

    /// <param name="records">Of copies in the open folder.</param>
    private async Task DeleteAsync(
        IMailTarget target,
        FolderCheckpoint folder,
        IReadOnlyList<MessageRecord> records,
        CancellationToken stop
    )
    {
        var due = await ExamineAsync(target, folder, records, readsContent: true, stop);
        if (due.Count == 0 || !await RemoveAsync(target, folder, [.. due.Select(record => record.TargetUid).Order()], stop))
            return;
        await WriteAsync(folder, due.Select(FormerCopies.Settled), stop);
        Result += new FollowResult { Deleted = due.Count };
    }

    /// <returns>False where the target folder has become another one.</returns>
    private async Task<bool> RemoveAsync(IMailTarget target, FolderCheckpoint folder, IReadOnlyList<TargetUid> uids, CancellationToken stop)
    {
        if (rules.Deletions == DeletionMode.Expunge)
            await target.RemoveAsync(uids, stop);
        else if (rules.Deletions == DeletionMode.Mark)
            await target.StoreFlagsAsync(uids, new FlagSet(["\\Deleted"]), FlagSet.None, stop);
        else if (Place != folder.Target)
        {
            if (!_isPlaceMade)
            {
                await target.CreateFolderAsync(Place, SpecialUse.None, stop);
                _isPlaceMade = true;
                if (!await OpensAsync(target, folder, stop))
                    return false;
            }
            await target.MoveAsync(uids, Place, stop);
        }
        return true;
    }

    /// <summary>Where deleted messages are moved to.</summary>
    private FolderPath Place =>
        field ??=
            (rules.Deletions == DeletionMode.Trash ? targetFolders.FirstOrDefault(IsTrash)?.Path : null)
            ?? into?.Concat(rules.Folder.Names)
            ?? rules.Folder;

    private static bool IsTrash(MailFolder folder) =>
        folder is { Use: SpecialUse.Trash, Selectable: true, Namespace: NamespaceKind.Private };

    private Task WriteAsync(FolderCheckpoint folder, IEnumerable<MessageRecord> records, CancellationToken stop) =>
        run.Checkpoint.WriteAsync(folder.Id, [.. records], stop);
}
