using Migrator.Core.Checkpoints;
using Migrator.Core.Mail;

namespace Migrator.Core.Runs;

/// <summary>Looks for messages that were delivered and are not in their folder: a rule of the target's user may move a message to another folder the moment it
/// arrives. It is not missing then, and where the target tells no UIDs (UIDPLUS) it would be sent again by every run.</summary>
internal sealed class MovedMail(RunContext run, IReadOnlyList<FolderRun> folders, IReadOnlyList<MailFolder> targetFolders)
{
    // On record, so that a message that was looked for is not looked for every night.
    private const string NowhereElse = "no longer listed, in no other folder either: removed at the target meanwhile";

    private readonly List<(FolderRun Folder, MessageRecord Record)> _missing = [];

    public async Task FindAsync(LaneSessions sessions, CancellationToken stop)
    {
        foreach (var folder in folders.Where(folder => folder.Failure is null && (folder.TargetDiffers || folder.AnyFailed)))
        {
            await foreach (var record in folder.Folder.ReadAllAsync(run.Checkpoint, [MessageState.Differs, MessageState.Failed], stop).ConfigureAwait(false))
            {
                if (IsUnconfirmed(record) || RecordedDifferences.Of(record).Any(difference => difference is { Kind: DifferenceKind.Missing, Actual: not NowhereElse }))
                    _missing.Add((folder, record));
            }
        }
        if (_missing.Count == 0)
            return;
        var everywhere = true;
        run.Progress.Phase = "Looking for messages that the target moved";
        foreach (var place in ContentSearch.Places(targetFolders))
        {
            try
            {
                await sessions.EnsureOpenAsync(stop).ConfigureAwait(false);
                await SearchAsync(sessions.Target, place, stop).ConfigureAwait(false);
            }
            catch (MailException exception)
            {
                // What is not found stays missing, and is said to be; all that was copied is on record.
                run.Progress.Notice($"{place}: not searched for messages that the target moved: {exception.Message}");
                if (exception.Reason.Scope is not (FailureScope.Message or FailureScope.Folder))
                    return;
                everywhere = false;
            }
        }
        if (!everywhere)
            return;
        foreach (var (folder, record) in _missing.Where(message => message.Record.State == MessageState.Differs))
            await run.Checkpoint.WriteAsync(folder.Folder.Id, [RecordedDifferences.With(record, DifferenceKind.Missing, NowhereElse)], stop).ConfigureAwait(false);
    }

    private static bool IsUnconfirmed(MessageRecord record) => record is { State: MessageState.Failed, Content: not null } && record.Reason == Reason.NotConfirmed.Code;

    private async Task SearchAsync(IMailTarget target, FolderPath place, CancellationToken stop)
    {
        var wanted = _missing.Where(message => message.Folder.Mapping.Target != place).ToList();
        if (wanted.Count == 0)
            return;
        var state = await target.OpenAsync(place, stop).ConfigureAwait(false);
        var delivered = await run.Checkpoint.DeliveredToAsync(place, state.UidValidity, 1, stop).ConfigureAwait(false);
        var uids = Adoption.Unowned(await target.ListUidsAsync(1, stop).ConfigureAwait(false), delivered);
        var contents = await ContentSearch.RunAsync(target, uids, [.. wanted.Select(message => (message.Record.Size, message.Record.InternalDate))], stop).ConfigureAwait(false);
        var moved = wanted.Where(message => message.Record.Content is { } content && contents.Take(content)).ToList();
        foreach (var (folder, record) in moved)
        {
            if (IsUnconfirmed(record))
            {
                await folder.ConfirmAsync(record, stop).ConfigureAwait(false);
                continue;
            }
            await run.Checkpoint.WriteAsync(folder.Folder.Id, [RecordedDifferences.Without(record, DifferenceKind.Missing)], stop).ConfigureAwait(false);
            run.Findings.Remove(DifferenceKind.Missing, folder.Mapping.Source.Path, record.Uid);
        }
        foreach (var folder in moved.GroupBy(message => message.Folder))
            run.Progress.Notice($"{folder.Key.Mapping.Source.Path}: the target has moved {folder.Count():N0} of its messages from {folder.Key.Mapping.Target} to {place}, perhaps by a rule.");
        _missing.RemoveAll(moved.ToHashSet().Contains);
    }
}
