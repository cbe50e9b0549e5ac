using Migrator.Core.Checkpoints;
using Migrator.Core.Mail;

namespace Migrator.Core.Runs;

/// <summary>Looks for messages that were delivered and are no longer in their folder: a rule of the target's user may move a message to another folder the
/// moment it arrives. It is not missing then.</summary>
internal sealed class MovedMail(RunContext run, IReadOnlyList<FolderRun> folders, IReadOnlyList<MailFolder> targetFolders)
{
    private const int Chunk = 1000;

    private readonly List<(FolderRun Folder, MessageRecord Record)> _missing = [];

    public async Task FindAsync(LaneSessions sessions, CancellationToken stop)
    {
        foreach (var folder in folders.Where(folder => folder.TargetDiffers && folder.Failure is null))
        {
            await foreach (var record in folder.Folder.ReadAllAsync(run.Checkpoint, [MessageState.Differs], stop).ConfigureAwait(false))
            {
                if (RecordedDifferences.Of(record).Any(difference => difference.Kind == DifferenceKind.Missing))
                    _missing.Add((folder, record));
            }
        }
        if (_missing.Count == 0)
            return;
        run.Progress.Phase = "Looking for messages that the target moved";
        foreach (var place in targetFolders.Where(place => place.Selectable))
        {
            try
            {
                await sessions.EnsureOpenAsync(stop).ConfigureAwait(false);
                await SearchAsync(sessions.Target, place.Path, stop).ConfigureAwait(false);
            }
            catch (MailException exception)
            {
                // What is not found stays missing, and is said to be; all that was copied is on record.
                run.Progress.Notice($"{place.Path}: not searched for messages that the target moved: {exception.Message}");
                if (exception.Reason.Scope is not (FailureScope.Message or FailureScope.Folder))
                    return;
            }
        }
    }

    private async Task SearchAsync(IMailTarget target, FolderPath place, CancellationToken stop)
    {
        var wanted = _missing.Where(message => message.Folder.Mapping.Target != place).ToList();
        if (wanted.Count == 0)
            return;
        var state = await target.OpenAsync(place, stop).ConfigureAwait(false);
        var delivered = await run.Checkpoint.DeliveredToAsync(place, state.UidValidity, 1, stop).ConfigureAwait(false);
        var (sizes, dates) = (wanted.Select(message => message.Record.Size).ToHashSet(), wanted.Select(message => message.Record.InternalDate.ToUnixTimeSeconds()).ToHashSet());
        var contents = new Dictionary<ContentId, int>();
        foreach (var chunk in Adoption.Unowned(await target.ListUidsAsync(1, stop).ConfigureAwait(false), delivered).Chunk(Chunk))
        {
            List<uint> candidates = [.. (await target.SummarizeAsync(chunk, stop).ConfigureAwait(false))
                .Where(summary => sizes.Contains(summary.Size) || dates.Contains(summary.InternalDate.ToUnixTimeSeconds())).Select(summary => summary.Uid)];
            await target.FetchAsync(candidates, new ContentHasher((_, content, _, _) => contents[content] = contents.GetValueOrDefault(content) + 1), stop).ConfigureAwait(false);
        }
        var moved = wanted.Where(message => message.Record.Content is { } content && contents.TryGetValue(content, out var left) && left > 0 && (contents[content] = left - 1) >= 0).ToList();
        foreach (var (folder, record) in moved)
        {
            await run.Checkpoint.WriteAsync(folder.Folder.Id, [RecordedDifferences.Without(record, DifferenceKind.Missing)], stop).ConfigureAwait(false);
            run.Findings.Remove(DifferenceKind.Missing, folder.Mapping.Source.Path, record.Uid);
        }
        foreach (var folder in moved.GroupBy(message => message.Folder))
            run.Progress.Notice($"{folder.Key.Mapping.Source.Path}: the target has moved {folder.Count():N0} of its messages from {folder.Key.Mapping.Target} to {place}, perhaps by a rule.");
        _missing.RemoveAll(moved.ToHashSet().Contains);
    }
}
