using Migrator.Core.Checkpoints;
using Migrator.Core.Failures;
using Migrator.Core.Fetching;
using Migrator.Core.Mail;

namespace Migrator.Core.Migrations;

/// <summary>Moves aside what was delivered, folder by folder: the copies that Migrator made and that nobody has touched, each after its
/// content was read. Everything else stays and is named. Nothing is removed: a person may still find out that it was needed.</summary>
/// <param name="root">Below which folder of the target it is moved.</param>
internal sealed class UndoStage(IMailboxCheckpoint checkpoint, UndoTally tally, FolderPath root, bool isTrial)
{
    private const int Page = 1000;

    // A lost connection leaves so many to be looked for.
    private const int AtOnce = 200;

    private const string NotOurs = "it is not proved that Migrator made it: it may be a message of the target's user";
    private const string Gone = "it is no longer in this folder: its user has moved or removed it";

    private static readonly IReadOnlyList<MessageState> s_owned = [.. MessageStates.AtTarget, MessageState.Undoing],
        s_former = [MessageState.Vanished, MessageState.Superseded],
        s_undoing = [MessageState.Undoing];

    private static readonly IReadOnlyList<UidRange> s_any = [new(Uid.Min, Uid.Max)];

    private readonly HashSet<FolderPath> _done = [];

    /// <summary>May be repeated after a lost connection.</summary>
    public async Task RunAsync(IMailTarget target, CancellationToken stop)
    {
        foreach (var group in (await checkpoint.FoldersAsync(stop)).GroupBy(folder => folder.Target))
        {
            if (_done.Contains(group.Key))
                continue;
            try
            {
                await TakeBackAsync(target, group.Key, [.. group], stop);
            }
            catch (MailException exception) when (Passes(exception))
            {
                tally.Problem(Failure.Of(exception.Reason, $"{group.Key}: not everything was taken back. {exception.Detail}"));
                await RecoverRefusedAsync(target, group.Key, stop);
            }
            _done.Add(group.Key);
        }
    }

    /// <summary>The others are taken back all the same.</summary>
    private static bool Passes(MailException exception) =>
        exception.Reason.Scope is FailureScope.Message or FailureScope.Folder or FailureScope.Mailbox;

    /// <summary>What was about to be moved is where it was, so that nobody takes it for half done.</summary>
    private async Task RecoverRefusedAsync(IMailTarget target, FolderPath path, CancellationToken stop)
    {
        if (isTrial)
            return;
        var folders = (await checkpoint.FoldersAsync(stop)).Where(folder => folder.Target == path).ToList();
        var place = new UndoPlace(checkpoint, folders, root.Concat(path.Names));
        try
        {
            foreach (var folder in folders)
                await RecoverAsync(target, place, folder, stop);
        }
        catch (MailException exception) when (Passes(exception))
        {
            // It is recorded as half done, and the next attempt looks again.
        }
    }

    /// <param name="folders">All that were delivered to this folder of the target.</param>
    private async Task TakeBackAsync(IMailTarget target, FolderPath path, IReadOnlyList<FolderCheckpoint> folders, CancellationToken stop)
    {
        var place = new UndoPlace(checkpoint, folders, root.Concat(path.Names));
        if (!isTrial)
        {
            foreach (var folder in folders)
                await RecoverAsync(target, place, folder, stop);
        }
        if (await target.OpenIfThereAsync(path, stop) is not { } state)
        {
            foreach (var folder in folders)
            {
                if (await checkpoint.CountAsync(folder.Id, s_owned, s_any, stop) > 0)
                    tally.Keep(path, "the target no longer has this folder, or what was delivered to it");
            }
            return;
        }
        foreach (var folder in folders.Where(folder => folder.TargetUidValidity != state.UidValidity))
        {
            if (await checkpoint.CountAsync(folder.Id, s_owned, s_any, stop) is var lost and > 0)
                tally.Problem(
                    Failure.Of(
                        Reason.NotTakenBack,
                        $"{path}: the target has recreated or renumbered this folder (UIDVALIDITY {state.UidValidity} instead of "
                            + $"{folder.TargetUidValidity}), so that the {Messages(lost)} of {folder.Source} cannot be recognized."
                    )
                );
        }
        var current = folders.Where(folder => folder.TargetUidValidity == state.UidValidity).ToList();
        if (current.Count == 0)
            return;
        var there = await target.ListUidsAsync(1, stop);
        // A copy that a message took over from one that is no longer at the source belongs to that message.
        var taken = (await checkpoint.OwnedAsync(path, state.UidValidity, stop)).ToHashSet();
        foreach (var folder in current)
        {
            await foreach (var page in folder.ReadPagesAsync(checkpoint, s_owned, Page, stop))
            {
                taken.UnionWith(page.Select(record => record.TargetUid.Uid));
                await TakeBackAsync(target, place, folder, page, there, stop);
            }
        }
        foreach (var folder in current)
        {
            await foreach (var page in folder.ReadPagesAsync(checkpoint, s_former, Page, stop))
                await TakeBackAsync(
                    target,
                    place,
                    folder,
                    [.. page.Where(record => there.Contains(record.TargetUid.Uid) && taken.Add(record.TargetUid.Uid))],
                    there,
                    stop
                );
        }
    }

    private async Task TakeBackAsync(
        IMailTarget target,
        UndoPlace place,
        FolderCheckpoint folder,
        IReadOnlyList<MessageRecord> page,
        UidSet there,
        CancellationToken stop
    )
    {
        var due = new List<MessageRecord>();
        foreach (var record in page.Where(record => record.TargetUid.IsKnown))
        {
            if (there.Contains(record.TargetUid.Uid) && record.IsOurs)
                due.Add(record);
            // What was being moved when a run was killed is where the next one looks for it, which a trial does not.
            else if (record.State != MessageState.Undoing)
                tally.Leave(folder, folder.Target, record, record.IsOurs || !there.Contains(record.TargetUid.Uid) ? Gone : NotOurs);
        }
        foreach (var some in due.DistinctBy(record => record.TargetUid).Chunk(AtOnce))
        {
            if (isTrial)
                tally.Took(folder.Target, place.Path, (await ExamineAsync(target, folder, some, stop)).Count);
            else
                await MoveAsync(target, place, folder, some, stop);
        }
    }

    private async Task MoveAsync(
        IMailTarget target,
        UndoPlace place,
        FolderCheckpoint folder,
        IReadOnlyList<MessageRecord> records,
        CancellationToken stop
    )
    {
        var intent = await place.PrepareAsync(target, stop);
        if (!await OpensAsync(target, folder, stop))
            throw new MailException(Reason.FolderRecreated, "The target has recreated or renumbered the folder.");
        var due = await ExamineAsync(target, folder, records, stop);
        if (due.Count == 0)
            return;
        var moving = due.ToDictionary(
            record => record.TargetUid,
            record =>
                record with
                {
                    State = MessageState.Undoing,
                    // A session that was lost may have moved them since then.
                    Intent =
                        record.Intent is { } earlier && earlier.UidValidity == intent.UidValidity
                            ? intent with
                            {
                                UidNext = TargetUid.Lower(earlier.UidNext, intent.UidNext),
                            }
                            : intent,
                    // Those that the copy has: another folder may keep others.
                    Flags = target.FilterPermanentFlags(record.Flags),
                }
        );
        await checkpoint.WriteAsync(folder.Id, [.. moving.Values], stop);
        var moved = (await target.MoveAsync([.. moving.Keys.Order()], place.Path, stop))
            .Where(copy => copy.UidValidity == intent.UidValidity && copy.Uid >= intent.UidNext && moving.ContainsKey(copy.Original))
            .DistinctBy(copy => copy.Original)
            .DistinctBy(copy => copy.Uid)
            .ToList();
        await UndoneAsync(place, folder, moved.ConvertAll(copy => (moving[copy.Original], copy.Uid)));
        if (moved.Count < due.Count)
            await RecoverAsync(target, place, folder, stop);
    }

    /// <summary>Records what was answered, even after a stop.</summary>
    private async Task UndoneAsync(UndoPlace place, FolderCheckpoint folder, IReadOnlyList<(MessageRecord Record, TargetUid Uid)> moved)
    {
        await checkpoint.WriteAsync(
            folder.Id,
            [.. moved.Select(copy => copy.Record with { State = MessageState.Undone, TargetUid = copy.Uid, Intent = null, Detail = null })],
            CancellationToken.None
        );
        place.Recorded(moved.Select(copy => copy.Uid.Uid));
        tally.Took(folder.Target, place.Path, moved.Count);
    }

    /// <summary>What was moved, or was about to be, and is not recorded: by an attempt that was killed, or at a target that does not tell
    /// where messages go. Found by content and date among what the place has received since.</summary>
    private async Task RecoverAsync(IMailTarget target, UndoPlace place, FolderCheckpoint folder, CancellationToken stop)
    {
        await foreach (var page in folder.ReadPagesAsync(checkpoint, s_undoing, Page, stop))
        {
            var found = await FindAsync(target, place, page, stop);
            var left = await OpensAsync(target, folder, stop) ? await target.ListUidsAsync(1, stop) : UidSet.Empty;
            // Of twins, those that have left their folder come first.
            var (moved, copied) = (new List<(MessageRecord, TargetUid)>(), new List<(MessageRecord Record, TargetUid Uid)>());
            foreach (var record in page.OrderBy(record => left.Contains(record.TargetUid.Uid)))
            {
                if (Take(found, target, record) is { } uid)
                    (left.Contains(record.TargetUid.Uid) ? copied : moved).Add((record, new TargetUid(uid)));
                else if (!left.Contains(record.TargetUid.Uid))
                    await LostAsync(folder, record, stop);
            }
            await UndoneAsync(place, folder, moved);
            var finished = await FinishAsync(target, place, folder, copied, stop);
            // The intent stays: a session that was lost may still move them.
            await checkpoint.WriteAsync(
                folder.Id,
                [
                    .. page.Where(record => left.Contains(record.TargetUid.Uid) && !finished.Contains(record.Uid))
                        .Select(RecordedDifferences.Revived),
                ],
                stop
            );
        }
    }

    /// <summary>A server without MOVE was asked to copy, and the connection ended before the originals were removed.</summary>
    /// <param name="copied">Messages of the open folder, and their copies.</param>
    /// <returns>Those whose originals are removed now.</returns>
    private async Task<IReadOnlySet<Uid>> FinishAsync(
        IMailTarget target,
        UndoPlace place,
        FolderCheckpoint folder,
        IReadOnlyList<(MessageRecord Record, TargetUid Uid)> copied,
        CancellationToken stop
    )
    {
        if (copied.Count == 0 || !target.Traits.RemovesMessages)
            return new HashSet<Uid>();
        var due = (await ExamineAsync(target, folder, [.. copied.Select(copy => copy.Record)], stop))
            .Select(record => record.Uid)
            .ToHashSet();
        if (due.Count == 0)
            return due;
        var finished = copied.Where(copy => due.Contains(copy.Record.Uid)).ToList();
        await target.RemoveAsync([.. finished.Select(copy => copy.Record.TargetUid).Order()], stop);
        await UndoneAsync(place, folder, finished);
        return due;
    }

    private async Task LostAsync(FolderCheckpoint folder, MessageRecord record, CancellationToken stop)
    {
        tally.Leave(folder, folder.Target, record, Gone);
        await checkpoint.WriteAsync(
            folder.Id,
            [record with { State = MessageState.Undone, TargetUid = 0, Intent = null, Detail = null, IsOurs = false }],
            stop
        );
    }

    /// <returns>Messages of the place that may be these, by content.</returns>
    private static async Task<Dictionary<ContentId, List<(Uid Uid, long Date)>>> FindAsync(
        IMailTarget target,
        UndoPlace place,
        IReadOnlyList<MessageRecord> records,
        CancellationToken stop
    )
    {
        var found = new Dictionary<ContentId, List<(Uid Uid, long Date)>>();
        if (await target.OpenIfThereAsync(place.Path, stop) is not { } state)
            return found;
        var from = records.Min(record => record.Intent is { } intent && intent.UidValidity == state.UidValidity ? intent.UidNext.Uid : 1);
        foreach (var some in (await place.UnrecordedAsync(target, state, from, stop)).Chunk(Page))
        {
            var summaries = new List<MessageSummary>();
            await new Isolation().AskAsync(
                some,
                async part => summaries.AddRange(await target.FetchSummariesAsync(part, stop)),
                mayGiveUp: false
            );
            var contents = await ContentIds.ReadAsync(target, new Isolation(), some, stop);
            foreach (var summary in summaries.DistinctBy(summary => summary.Uid).OrderBy(summary => summary.Uid))
            {
                if (!contents.TryGetValue(summary.Uid, out var content))
                    continue;
                if (!found.TryGetValue(content, out var same))
                    found[content] = same = [];
                same.Add((summary.Uid, summary.InternalDate.ToUnixTimeSeconds()));
            }
        }
        return found;
    }

    private static Uid? Take(Dictionary<ContentId, List<(Uid Uid, long Date)>> found, IMailTarget target, MessageRecord record)
    {
        var content = record.TargetContent ?? (target.Provider.RewritesMessages ? null : record.Content);
        if (content is not { } known || !found.TryGetValue(known, out var same))
            return null;
        var at = same.FindIndex(copy =>
            copy.Date == record.InternalDate.ToUnixTimeSeconds() || RecordedDifferences.Had(record, Reports.DifferenceKind.InternalDate)
        );
        if (at < 0)
            return null;
        var uid = same[at].Uid;
        same.RemoveAt(at);
        return uid;
    }

    /// <param name="records">Of copies in the open folder.</param>
    /// <returns>What nobody has touched.</returns>
    private async Task<IReadOnlyList<MessageRecord>> ExamineAsync(
        IMailTarget target,
        FolderCheckpoint folder,
        IReadOnlyList<MessageRecord> records,
        CancellationToken stop
    )
    {
        var there = await new UntouchedCopies(target, forRemoval: true).ExamineAsync(records, readsContent: true, stop);
        foreach (var (record, change) in there.Where(copy => !copy.IsUntouched))
            tally.Leave(folder, folder.Target, record, change!);
        return [.. there.Where(copy => copy.IsUntouched).Select(copy => copy.Record)];
    }

    /// <returns>False where the target has another folder there by now, or none.</returns>
    private static async Task<bool> OpensAsync(IMailTarget target, FolderCheckpoint folder, CancellationToken stop) =>
        (await target.OpenIfThereAsync(folder.Target, stop))?.UidValidity == folder.TargetUidValidity;

    private static string Messages(int count) => $"{count:N0} message{(count == 1 ? "" : "s")}";
}
