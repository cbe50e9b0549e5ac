using Migrator.Core.Checkpoints;
using Migrator.Core.Failures;
using Migrator.Core.Mail;
using Migrator.Core.Progress;
using Migrator.Core.Reports;

namespace Migrator.Core.Migrations;

/// <summary>Looks for messages that were delivered and are not in their folder: a rule of the target's user may move a message to another
/// folder the moment it arrives. It is not missing then, and where the target tells no UIDs (UIDPLUS) it would be sent again by every
/// run.</summary>
internal sealed class MovedMail(RunContext run, IReadOnlyList<FolderCopyState> folders, IReadOnlyList<MailFolder> targetFolders)
{
    private const int Chunk = 1000;

    // On record, so that a message that was looked for is not looked for every night.
    private const string NowhereElse = "no longer listed, in no other folder either: removed at the target meanwhile";

    private readonly List<(FolderCopyState Folder, MessageRecord Record)> _missing = [];

    public async Task FindAsync(SessionPair sessions, CancellationToken stop)
    {
        foreach (var folder in folders.Where(folder => folder.Failures.Folder is null && (folder.TargetDiffers || folder.Failures.Any)))
        {
            await foreach (var record in folder.Folder.ReadAllAsync(run.Checkpoint, [MessageState.Differs, MessageState.Failed], stop))
            {
                if (
                    IsUnconfirmed(record)
                    || RecordedDifferences
                        .Of(record)
                        .Any(difference => difference is { Kind: DifferenceKind.Missing, Actual: not NowhereElse })
                )
                    _missing.Add((folder, record));
            }
        }
        if (_missing.Count == 0)
            return;
        var everywhere = true;
        const string phase = "Looking for messages that the target moved";
        foreach (var place in ContentSearch.Places(targetFolders))
        {
            try
            {
                // Others may have been at work for so long that the server has ended this session.
                await new Retries(run.Time, run.Progress, run.Log).RunAsync(
                    sessions,
                    phase,
                    () => SearchAsync(sessions.Target, place, stop),
                    stop
                );
            }
            catch (MailException exception)
            {
                // What is not found stays missing, and is said to be; all that was copied is recorded.
                run.Progress.Notice($"{place}: not searched for messages that the target moved: {exception.Message}");
                if (exception.Reason.Scope is not (FailureScope.Message or FailureScope.Folder))
                    return;
                everywhere = false;
            }
        }
        if (!everywhere)
            return;
        foreach (var some in _missing.Where(message => message.Record.State == MessageState.Differs).GroupBy(message => message.Folder))
            await WriteAsync(
                some.Key,
                some.Select(message => RecordedDifferences.With(message.Record, DifferenceKind.Missing, NowhereElse)),
                stop
            );
    }

    private static bool IsUnconfirmed(MessageRecord record) =>
        record is { State: MessageState.Failed, Content: not null } && record.Reason == Reason.NotConfirmed.Code;

    /// <returns>How many were found.</returns>
    private async Task<int> SearchAsync(IMailTarget target, FolderPath place, CancellationToken stop)
    {
        var wanted = _missing.Where(message => message.Folder.Mapping.Target != place).ToList();
        if (wanted.Count == 0 || await DoubtfulFromAsync(place, stop) is not { } doubtful)
            return 0;
        var state = await target.OpenAsync(place, stop);
        var delivered = await run.Checkpoint.DeliveredToAsync(place, state.UidValidity, 1, stop);
        List<Uid> uids = [.. TargetMatcher.Unowned(await target.ListUidsAsync(1, stop), delivered).Where(uid => uid < doubtful.Uid)];
        var contents = await ContentSearch.RunAsync(
            target,
            uids,
            [.. wanted.Select(message => (message.Record.Size, message.Record.InternalDate))],
            stop
        );
        var moved = wanted.Where(message => message.Record.Content is { } content && contents.Take(content)).ToList();
        foreach (var some in moved.GroupBy(message => message.Folder))
        {
            var (folder, records) = (some.Key, some.Select(message => message.Record).ToList());
            await folder.MovedAsync(records.FindAll(IsUnconfirmed), stop);
            var missing = records.FindAll(record => !IsUnconfirmed(record));
            await WriteAsync(folder, missing.Select(record => RecordedDifferences.Without(record, DifferenceKind.Missing)), stop);
            run.Findings.Remove(DifferenceKind.Missing, folder.Mapping.Source.Path, missing.Select(record => record.Uid).ToHashSet());
            // One for the append whose answer was lost, one for the next.
            foreach (var record in records.Where(record => folder.SentAgain.Contains(record.Uid) && contents.Take(record.Content!.Value)))
                run.Findings.Add(
                    folder.Differs(
                        record,
                        DifferenceKind.Duplicate,
                        $"twice in {place}: its append was interrupted, it was sent again, and the target moved it there"
                    )
                );
            run.Progress.Notice(
                $"{folder.Mapping.Source.Path}: the target has moved {records.Count:N0} of its messages from "
                    + $"{folder.Mapping.Target} to {place}, perhaps by a rule."
            );
        }
        _missing.RemoveAll(moved.ToHashSet().Contains);
        return moved.Count;
    }

    /// <summary>From which UID on a folder may hold copies that are on no record yet, because their append was not answered: they belong to
    /// the messages of that folder.</summary>
    /// <returns>Null where nobody knows: a source of that folder was given up.</returns>
    private async Task<TargetUid?> DoubtfulFromAsync(FolderPath place, CancellationToken stop)
    {
        var from = TargetUid.Max;
        foreach (var folder in folders.Where(folder => folder.Mapping.Target == place && folder.Progress.Phase != FolderPhase.Waiting))
        {
            if (folder.Failures.Folder is not null && folder.Enumerated is null)
                return null;
            if (folder.Enumerated is null)
                continue;
            await foreach (var record in folder.Folder.ReadAllAsync(run.Checkpoint, MessageStates.Pending, stop))
                from = TargetUid.Lower(from, record.Intent?.UidNext ?? from);
        }
        return from;
    }

    private async Task WriteAsync(FolderCopyState folder, IEnumerable<MessageRecord> records, CancellationToken stop)
    {
        foreach (var chunk in records.Chunk(Chunk))
            await run.Checkpoint.WriteAsync(folder.Folder.Id, chunk, stop);
    }
}
