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

    // Copies that were found until now of what an earlier run found more than once.
    private readonly Dictionary<(FolderCopyState Folder, MessageRecord Record), int> _doubled = [];

    public async Task FindAsync(SessionPair sessions, CancellationToken stop)
    {
        foreach (var folder in folders.Where(folder => folder.Failures.Folder is null && (folder.TargetDiffers || folder.Failures.Any)))
        {
            await foreach (var record in folder.Folder.ReadAllAsync(run.Checkpoint, [MessageState.Differs, MessageState.Failed], stop))
            {
                if (RecordedDifferences.HasMovedCopies(record))
                    _doubled.Add((folder, record), 0);
                else if (
                    IsUnconfirmed(record)
                    || RecordedDifferences
                        .Of(record)
                        .Any(difference => difference is { Kind: DifferenceKind.Missing, Actual: not NowhereElse })
                )
                    _missing.Add((folder, record));
            }
        }
        if (_missing.Count + _doubled.Count == 0)
            return;
        var everywhere = true;
        const string phase = "Looking for messages that the target moved";
        foreach (var place in ContentSearch.Places(targetFolders))
        {
            try
            {
                // Others may have been at work for so long that the server has ended this session.
                everywhere &= await new Retries(run.Time, run.Progress, run.Log).RunAsync(
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
        foreach (var some in _doubled.Where(message => message.Value < 2).Select(message => message.Key).GroupBy(message => message.Folder))
        {
            await WriteAsync(some.Key, some.Select(message => RecordedDifferences.Without(message.Record, DifferenceKind.Duplicate)), stop);
            Withdraw(some.Key, DifferenceKind.Duplicate, some.Select(message => message.Record));
        }
    }

    private static bool IsUnconfirmed(MessageRecord record) =>
        record is { State: MessageState.Failed, Content: not null } && record.Reason == Reason.NotConfirmed.Code;

    /// <returns>False where it may hold more than was looked at.</returns>
    private async Task<bool> SearchAsync(IMailTarget target, FolderPath place, CancellationToken stop)
    {
        var wanted = _missing.Where(message => message.Folder.Mapping.Target != place).ToList();
        var doubled = _doubled.Keys.Where(message => message.Folder.Mapping.Target != place).ToList();
        if (wanted.Count + doubled.Count == 0)
            return true;
        if (await DoubtfulFromAsync(place, stop) is not { } doubtful)
            return false;
        var state = await target.OpenAsync(place, stop);
        var delivered = await run.Checkpoint.DeliveredToAsync(place, state.UidValidity, 1, stop);
        List<Uid> uids = [.. TargetMatcher.Unowned(await target.ListUidsAsync(1, stop), delivered).Where(uid => uid < doubtful.Uid)];
        var contents = await ContentSearch.RunAsync(
            target,
            uids,
            [.. wanted.Concat(doubled).Select(message => (message.Record.Size, message.Record.InternalDate))],
            stop
        );
        // Those that were seen twice before are there first: what is missing must not be taken for one of them.
        foreach (var message in doubled)
        {
            while (_doubled[message] < 2 && contents.Take(message.Record.Content!.Value))
                _doubled[message]++;
        }
        var moved = wanted.Where(message => message.Record.Content is { } content && contents.Take(content)).ToList();
        foreach (var some in moved.GroupBy(message => message.Folder))
            await FoundAsync(some.Key, place, [.. some.Select(message => message.Record)], contents, stop);
        _missing.RemoveAll(moved.ToHashSet().Contains);
        return doubtful == TargetUid.Max;
    }

    /// <param name="left">Copies in this place of which each belongs to none of the messages yet.</param>
    private async Task FoundAsync(
        FolderCopyState folder,
        FolderPath place,
        List<MessageRecord> records,
        Dictionary<ContentId, int> left,
        CancellationToken stop
    )
    {
        var (found, doubled) = (new List<MessageRecord>(), new List<(MessageRecord Record, string Actual)>());
        foreach (var record in records)
        {
            var copies = 1;
            // One for each append whose answer was lost.
            while (WasSentAgain(folder, record) && left.Take(record.Content!.Value))
                copies++;
            var moved = IsUnconfirmed(record)
                ? DeliveryRecorder.Delivered(record, 0) with
                {
                    State = MessageState.Delivered,
                }
                : RecordedDifferences.Without(record, DifferenceKind.Missing);
            if (copies > 1)
            {
                var actual = RecordedDifferences.MovedCopies(place, copies);
                doubled.Add((record, actual));
                moved = RecordedDifferences.With(moved, DifferenceKind.Duplicate, actual);
            }
            found.Add(moved);
        }
        // Or the next run would not look, as nothing has changed in the folder itself.
        if (doubled.Count > 0 && folder.Folder.CompletedTarget is not null)
            folder.Folder = await run.Checkpoint.SaveFolderAsync(folder.Folder with { CompletedTarget = null }, stop);
        await WriteAsync(folder, found, stop);
        folder.Moved(records.FindAll(IsUnconfirmed));
        Withdraw(folder, DifferenceKind.Missing, records.Where(record => !IsUnconfirmed(record)));
        foreach (var (record, actual) in doubled)
            run.Findings.Add(folder.Differs(record, DifferenceKind.Duplicate, actual));
        run.Progress.Notice(
            $"{folder.Mapping.Source.Path}: the target has moved {records.Count:N0} of its messages from "
                + $"{folder.Mapping.Target} to {place}, perhaps by a rule."
        );
    }

    private static bool WasSentAgain(FolderCopyState folder, MessageRecord record) =>
        folder.SentAgain.Contains(record.Uid) || (record.State == MessageState.Differs && record.Intent is not null);

    private void Withdraw(FolderCopyState folder, DifferenceKind kind, IEnumerable<MessageRecord> records) =>
        run.Findings.Remove(kind, folder.Mapping.Source.Path, records.Select(record => record.Uid).ToHashSet());

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
