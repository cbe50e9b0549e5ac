using Microsoft.Extensions.Logging;
using Migrator.Core.Checkpoints;
using Migrator.Core.Failures;
using Migrator.Core.Mail;
using Migrator.Core.Progress;

namespace Migrator.Core.Migrations;

/// <summary>Looks for messages that are missing in their target folder in the other folders of the target: anyone who uses it, or a rule of
/// theirs, may have moved them. What a record accounts for is the copy of another message.</summary>
internal sealed class MovedMailVerification(
    IReadOnlyList<FolderVerification> folders,
    IReadOnlyList<MailFolder> targetFolders,
    IMailboxCheckpoint checkpoint,
    RunProgress progress,
    TimeProvider time,
    ILogger log
)
{
    /// <returns>How many were found.</returns>
    public async Task<long> FindAsync(SessionPair sessions, CancellationToken stop)
    {
        var moved = 0L;
        foreach (var place in ContentSearch.Places(targetFolders))
        {
            if (folders.All(folder => folder.Target == place || folder.Missing.Count == 0))
                continue;
            try
            {
                moved += await new Retries(time, progress, log).RunAsync(
                    sessions,
                    "Looking for messages that the target moved",
                    () => SearchAsync(sessions.Target, place, stop),
                    stop
                );
            }
            catch (MailException exception)
            {
                progress.Notice($"{place}: not searched for messages that the target moved: {exception.Message}");
                if (exception.Reason.Scope is not (FailureScope.Message or FailureScope.Folder))
                    break;
            }
        }
        return moved;
    }

    private async Task<int> SearchAsync(IMailTarget target, FolderPath place, CancellationToken stop)
    {
        var state = await target.OpenAsync(place, stop);
        var delivered = await checkpoint.DeliveredToAsync(place, state.UidValidity, 1, stop);
        var compared = folders.FirstOrDefault(folder => folder.Target == place);
        var there = compared is not null
            ? compared.Unowned(delivered.Where(copy => copy.Owned).Select(copy => copy.TargetUid.Uid).ToHashSet())
            : await ContentSearch.RunAsync(
                target,
                TargetMatcher.Unowned(await target.ListUidsAsync(1, stop), delivered),
                [.. folders.SelectMany(folder => folder.Missing).Select(message => (message.Size, message.Date))],
                stop
            );
        var all = new List<ContentId>();
        foreach (var folder in folders.Where(folder => folder.Target != place))
        {
            List<ContentId> found = [.. folder.Missing.Select(message => message.Content).Where(there.Take)];
            if (found.Count == 0)
                continue;
            folder.FoundElsewhere(found, place);
            all.AddRange(found);
            progress.Notice(
                $"{folder.Target}: {found.Count:N0} of the messages that were sent there {(found.Count == 1 ? "is" : "are")} in "
                    + $"{place}: moved at the target. {(found.Count == 1 ? "It counts" : "They count")} as the same; flags and dates "
                    + "were not compared."
            );
        }
        compared?.TakeExtra(all);
        return all.Count;
    }
}
