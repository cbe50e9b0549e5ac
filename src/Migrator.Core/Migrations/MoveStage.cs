using Migrator.Core.Checkpoints;
using Migrator.Core.Failures;
using Migrator.Core.Fetching;
using Migrator.Core.Mail;

namespace Migrator.Core.Migrations;

/// <summary>A message that the source has moved to another folder is moved at the target too, and not sent again: the copy that was
/// delivered, if nobody has touched it. After all folders were enumerated, and before anything is delivered.</summary>
/// <remarks>What was moved is recognized by its content: a UID says nothing in another folder, and few servers tell where a message went.
/// What is not recognized, or cannot be moved, is delivered like any other, and its old copy is that of a deleted message.</remarks>
internal sealed class MoveStage(RunContext run, IReadOnlyList<FolderCopyState> folders)
{
    private const int Chunk = 1000;

    // A lost connection leaves so many to be looked for.
    private const int AtOnce = 200;

    private static readonly IReadOnlyList<MessageState> s_found = [MessageState.Found];

    /// <param name="Fresh">Listed in a folder for the first time.</param>
    /// <param name="Former">The same message in the folder that it has left.</param>
    private readonly record struct Move(MessageRecord Fresh, MessageRecord Former);

    /// <summary>Again in another session where this one is lost.</summary>
    public Task InSessionAsync(SessionPair sessions, string phase, CancellationToken stop) =>
        new Retries(run.Time, run.Progress, run.Log).RunAsync(
            sessions,
            phase,
            async () =>
            {
                var listed = (await sessions.Source.ListFoldersAsync(stop)).Select(folder => folder.Path).ToHashSet();
                await RunAsync(sessions, listed, stop);
                return true;
            },
            stop
        );

    /// <summary>Copies that were moved.</summary>
    public long Moved { get; private set; }

    /// <summary>May be repeated after a lost connection.</summary>
    /// <param name="listed">All folders of the source.</param>
    private async Task RunAsync(SessionPair sessions, IReadOnlySet<FolderPath> listed, CancellationToken stop)
    {
        // After the switch, nothing is moved: a message that the source has numbered again is not a new one either.
        var former = await FormerCopies.ReadAsync(run.Checkpoint, run.IsSwitched ? (_, _) => true : IsMovable(listed), stop);
        if (former.IsEmpty)
            return;
        foreach (var folder in folders.Where(folder => folder.Enumerated is not null && folder.Failures.Folder is null))
        {
            try
            {
                foreach (var (from, taken) in await FindAsync(sessions.Source, folder, former, stop))
                {
                    foreach (var some in (await ReadAsync(from, taken, stop)).Chunk(AtOnce))
                    {
                        if (run.IsSwitched)
                            await LeaveAsync(folder, from, some, stop);
                        else
                            await MoveAsync(sessions.Target, folder, from, some, stop);
                    }
                }
            }
            catch (MailException exception)
                when (exception.Reason.Scope is FailureScope.Message or FailureScope.Folder or FailureScope.Mailbox)
            {
                // They are delivered, which says so where that fails, too.
                run.Log.NotMoved(folder.Mapping.Target.ToString(), exception.Message);
            }
        }
    }

    /// <summary>Under an earlier numbering of a folder that is still there, copies belong to the messages that it lists.</summary>
    public static Func<FolderCheckpoint, MessageRecord, bool> IsMovable(IReadOnlySet<FolderPath> listed) =>
        (folder, record) => record.State == MessageState.Vanished || !listed.Contains(folder.Source);

    /// <returns>By the folder that they have left, and their UIDs there: messages that are listed for the first time.</returns>
    private async Task<Dictionary<FolderCheckpoint, Dictionary<Uid, MessageRecord>>> FindAsync(
        IMailSource source,
        FolderCopyState folder,
        FormerCopies former,
        CancellationToken stop
    )
    {
        var (found, opened) = (new Dictionary<FolderCheckpoint, Dictionary<Uid, MessageRecord>>(), false);
        await foreach (var page in folder.Folder.ReadPagesAsync(run.Checkpoint, s_found, Chunk, stop))
        {
            // What was begun to be sent may be at the target.
            var candidates = page.Where(record => record.Intent is null && folder.IsPlanned(record.Uid) && former.MayHave(record)).ToList();
            if (candidates.Count == 0)
                continue;
            if (!opened)
                folder.SourceOpened(source, await source.OpenAsync(folder.Mapping.Source.Path, stop));
            opened = true;
            foreach (var record in await IdentifyAsync(source, folder, candidates, stop))
            {
                // Within one target folder there is nothing to move: the copy is recognized when the message is to be delivered.
                if (
                    former.Take(record.Content!.Value, record.InternalDate) is not { } copy
                    || (copy.Folder.Target == folder.Mapping.Target && !run.IsSwitched)
                )
                    continue;
                if (!found.TryGetValue(copy.Folder, out var taken))
                    found[copy.Folder] = taken = [];
                taken[copy.Uid] = record;
            }
        }
        return found;
    }

    private async Task<IReadOnlyList<Move>> ReadAsync(FolderCheckpoint from, Dictionary<Uid, MessageRecord> taken, CancellationToken stop)
    {
        var moves = new List<Move>();
        await foreach (var page in FormerCopies.PagesAsync(run.Checkpoint, from, stop))
            moves.AddRange(page.Where(left => taken.ContainsKey(left.Uid)).Select(left => new Move(taken[left.Uid], left)));
        return moves;
    }

    /// <returns>Those whose content is known or can be read, with it.</returns>
    private async Task<IReadOnlyList<MessageRecord>> IdentifyAsync(
        IMailSource source,
        FolderCopyState folder,
        IReadOnlyList<MessageRecord> records,
        CancellationToken stop
    )
    {
        var contents = await ContentIds.ReadAsync(
            source,
            folder.SourceFetches.Isolation,
            [.. records.Where(record => record.Content is null).Select(record => record.Uid)],
            stop
        );
        var identified = records
            .Where(record => contents.ContainsKey(record.Uid))
            .Select(record => record with { Content = contents[record.Uid] })
            .ToList();
        await run.Checkpoint.WriteAsync(folder.Folder.Id, identified, stop);
        return [.. records.Where(record => record.Content is not null).Concat(identified).OrderBy(record => record.Uid)];
    }

    /// <summary>Once its mailbox was switched, a message that is moved at the source is not a new one: its copy is where the user of the
    /// target has put it, or was deleted there.</summary>
    private async Task LeaveAsync(FolderCopyState folder, FolderCheckpoint from, IReadOnlyList<Move> moves, CancellationToken stop)
    {
        await run.Checkpoint.WriteAsync(
            folder.Folder.Id,
            [
                .. moves.Select(move =>
                    move.Fresh with
                    {
                        State = MessageState.Delivered,
                        TargetContent = move.Former.TargetContent,
                        Reason = null,
                        Detail = null,
                    }
                ),
            ],
            stop
        );
        await run.Checkpoint.WriteAsync(from.Id, [.. moves.Select(move => FormerCopies.Settled(move.Former))], stop);
        folder.CountThere(moves.Count);
    }

    private async Task MoveAsync(
        IMailTarget target,
        FolderCopyState folder,
        FolderCheckpoint from,
        IReadOnlyList<Move> moves,
        CancellationToken stop
    )
    {
        var state = await folder.OpenTargetAsync(target, stop);
        var intent = new AppendIntent(state.UidValidity, TargetUid.Higher(TargetUid.Min, new TargetUid(state.UidNext)));
        if ((await target.OpenAsync(from.Target, stop)).UidValidity != from.TargetUidValidity)
            return;
        // A message that left its folder twice may have left two records of one copy.
        var candidates = moves.DistinctBy(move => move.Former.TargetUid).ToList();
        var untouched = (
            await new UntouchedCopies(target, forRemoval: false).ExamineAsync(
                [.. candidates.Select(move => move.Former)],
                readsContent: false,
                stop
            )
        )
            .Where(copy => copy.IsUntouched)
            .Select(copy => copy.Record.TargetUid)
            .ToHashSet();
        var due = candidates.Where(move => untouched.Contains(move.Former.TargetUid)).ToDictionary(move => move.Former.TargetUid);
        if (due.Count == 0)
            return;
        var sending = due.ToDictionary(
            move => move.Key,
            move =>
                move.Value.Fresh with
                {
                    State = MessageState.Sending,
                    Intent = intent,
                    // Those of the copy: what has changed since is carried over once it is recorded, by this run or the next.
                    Flags = move.Value.Former.Flags,
                    TargetContent = move.Value.Former.TargetContent,
                    Reason = null,
                    Detail = null,
                }
        );
        await run.Checkpoint.WriteAsync(folder.Folder.Id, [.. sending.Values], stop);
        folder.FlagsOfSent.UnionWith(sending.Values.Select(record => record.Uid));
        var moved = (await target.MoveAsync([.. due.Keys.Order()], folder.Mapping.Target, stop))
            .Where(copy => copy.UidValidity == state.UidValidity && copy.Uid >= intent.UidNext && due.ContainsKey(copy.Original))
            .DistinctBy(copy => copy.Original)
            .DistinctBy(copy => copy.Uid)
            .ToList();
        // What the target did not name is looked for by its content, like what was sent without an answer.
        var records = moved.ConvertAll(copy =>
            DeliveryRecorder.Delivered(sending[copy.Original], copy.Uid) with
            {
                TargetContent = sending[copy.Original].TargetContent,
                IsOurs = true,
            }
        );
        // What was answered is recorded, even after a stop.
        await run.Checkpoint.WriteAsync(folder.Folder.Id, records, CancellationToken.None);
        await run.Checkpoint.WriteAsync(
            from.Id,
            [.. moved.Select(copy => FormerCopies.Settled(due[copy.Original].Former))],
            CancellationToken.None
        );
        folder.CountThere(records.Count);
        folder.Uninspected.AddRange(
            records.Select(record => new DueInspection(
                record,
                ReadBack: record.TargetContent is not null,
                SizeTells: !folder.TargetRewrites
            )
            {
                IsCopy = true,
            })
        );
        Moved += due.Count;
    }
}
