using Migrator.Core.Checkpoints;
using Migrator.Core.Failures;
using Migrator.Core.Fetching;
using Migrator.Core.Mail;

namespace Migrator.Core.Migrations;

/// <summary>Removes for good what <see cref="UndoStage"/> has moved aside and nobody has touched since, and nothing else. A copy whose
/// message the source no longer has may be the last there is, and stays.</summary>
internal sealed class UndoneRemoval(IMailboxCheckpoint checkpoint, UndoTally tally, bool isTrial)
{
    private const int Page = 1000;
    private const int AtOnce = 200;
    private const string LastCopy = "the source no longer has this message, or numbers its messages again: this copy may be the last";

    private static readonly IReadOnlyList<MessageState> s_undone = [MessageState.Undone];

    private readonly HashSet<FolderPath> _done = [];

    /// <summary>May be repeated after a lost connection.</summary>
    public async Task RunAsync(SessionPair sessions, CancellationToken stop)
    {
        foreach (
            var group in (await checkpoint.FoldersAsync(stop))
                .Where(folder => folder.UndonePlace is not null)
                .GroupBy(folder => folder.UndonePlace!)
        )
        {
            if (_done.Contains(group.Key))
                continue;
            try
            {
                await RemoveAsync(sessions, group.Key, [.. group], stop);
            }
            catch (MailException exception)
                when (exception.Reason.Scope is FailureScope.Message or FailureScope.Folder or FailureScope.Mailbox)
            {
                tally.Problem(Failure.Of(exception.Reason, $"{group.Key}: not everything was removed. {exception.Detail}"));
            }
            _done.Add(group.Key);
        }
    }

    private async Task RemoveAsync(SessionPair sessions, FolderPath place, IReadOnlyList<FolderCheckpoint> folders, CancellationToken stop)
    {
        // Where it is missing, its user has removed all of it.
        var there = UidSet.Empty;
        if (await sessions.Target.OpenIfThereAsync(place, stop) is { } state)
        {
            if (folders.Any(folder => folder.UndoneUidValidity.IsKnown && folder.UndoneUidValidity != state.UidValidity))
            {
                tally.Problem(Failure.Of(Reason.NotTakenBack, $"{place}: {UndoPlace.Renumbered}. Nothing was removed there."));
                return;
            }
            there = await sessions.Target.ListUidsAsync(1, stop);
        }
        foreach (var folder in folders)
        {
            var atSource = there.Count == 0 ? UidSet.Empty : await AtSourceAsync(sessions.Source, folder, stop);
            await foreach (var page in folder.ReadPagesAsync(checkpoint, s_undone, Page, stop))
                await RemoveAsync(sessions.Target, place, folder, page, there, atSource, stop);
        }
    }

    private async Task RemoveAsync(
        IMailTarget target,
        FolderPath place,
        FolderCheckpoint folder,
        IReadOnlyList<MessageRecord> page,
        UidSet there,
        UidSet atSource,
        CancellationToken stop
    )
    {
        foreach (var record in page.Where(record => !record.TargetUid.IsKnown && record.Detail is not null))
            tally.Leave(folder, place, record, record.Detail!);
        // Moved or removed by its user; or removed by an attempt that was killed before it could record that.
        await SettleAsync(folder, page.Where(record => record.TargetUid.IsKnown && !there.Contains(record.TargetUid.Uid)), stop);
        var moved = page.Where(record => there.Contains(record.TargetUid.Uid)).DistinctBy(record => record.TargetUid).ToList();
        foreach (var record in moved.Where(record => !atSource.Contains(record.Uid)))
            tally.Leave(folder, place, record, LastCopy);
        foreach (var some in moved.Where(record => atSource.Contains(record.Uid)).Chunk(AtOnce))
        {
            var copies = await new UntouchedCopies(target, forRemoval: true).ExamineAsync(some, readsContent: true, stop);
            foreach (var (record, change) in copies.Where(copy => !copy.IsUntouched))
                tally.Leave(folder, place, record, change!);
            var due = copies.Where(copy => copy.IsUntouched).Select(copy => copy.Record).ToList();
            if (due.Count == 0)
                continue;
            if (!isTrial)
                await target.RemoveAsync([.. due.Select(record => record.TargetUid).Order()], stop);
            tally.Took(place, null, due.Count);
            await SettleAsync(folder, due, CancellationToken.None);
        }
    }

    /// <returns>UIDs that name the messages that were copied; none where that is doubtful.</returns>
    private async Task<UidSet> AtSourceAsync(IMailSource source, FolderCheckpoint folder, CancellationToken stop)
    {
        try
        {
            var state = await source.OpenAsync(folder.Source, stop);
            if (!folder.UidValidity.IsKnown || state.UidValidity != folder.UidValidity || folder.SourceMark.IsAheadOf(state))
                return UidSet.Empty;
            var uids = await source.ListUidsAsync(1, stop);
            var highest = new List<(Uid, ContentId)>();
            foreach (var uid in uids.Intersect(await checkpoint.UidsAsync(folder.Id, s_undone, stop)).Descending().Take(Sentinel.Most))
            {
                if (await checkpoint.ReadAsync(folder.Id, s_undone, uid, 1, stop) is [{ Content: { } content }])
                    highest.Add((uid, content));
            }
            return await Sentinel.IsSameAsync(source, new Isolation(), highest, stop) is true ? uids : UidSet.Empty;
        }
        catch (MailException exception) when (exception.Reason.Scope is FailureScope.Message or FailureScope.Folder or FailureScope.Mailbox)
        {
            return UidSet.Empty;
        }
    }

    private async Task SettleAsync(FolderCheckpoint folder, IEnumerable<MessageRecord> records, CancellationToken stop)
    {
        if (!isTrial)
            await checkpoint.WriteAsync(folder.Id, [.. records.Select(FormerCopies.Settled)], stop);
    }
}
