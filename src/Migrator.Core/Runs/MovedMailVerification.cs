using Migrator.Core.Folders;
using Migrator.Core.Mail;

namespace Migrator.Core.Runs;

/// <summary>Looks for messages that are missing in their target folder in the other folders of the target: whoever uses it, or a rule of theirs, may have moved
/// them.</summary>
internal sealed class MovedMailVerification(IReadOnlyList<FolderVerification> folders, IReadOnlyList<MailFolder> targetFolders, RunProgress progress)
{
    public async Task FindAsync(LaneSessions sessions, CancellationToken stop)
    {
        var places = ContentSearch.Places(targetFolders).ToHashSet();
        foreach (var place in folders.Where(folder => places.Remove(folder.Target)))
            Match(place.Target, place.TakeExtra);
        foreach (var place in places)
        {
            if (folders.All(folder => folder.Missing.Count == 0))
                return;
            progress.Phase = "Looking for messages that the target moved";
            try
            {
                await sessions.EnsureOpenAsync(stop).ConfigureAwait(false);
                await sessions.Target.OpenAsync(place, stop).ConfigureAwait(false);
                var found = await ContentSearch.RunAsync(sessions.Target, await sessions.Target.ListUidsAsync(1, stop).ConfigureAwait(false),
                    [.. folders.SelectMany(folder => folder.Missing).Select(message => (message.Size, message.Date))], stop).ConfigureAwait(false);
                Match(place, found.Take);
            }
            catch (MailException exception)
            {
                progress.Notice($"{place}: not searched for messages that the target moved: {exception.Message}");
                if (exception.Reason.Scope is not (FailureScope.Message or FailureScope.Folder))
                    return;
            }
        }
    }

    private void Match(FolderPath place, Func<ContentId, bool> take)
    {
        foreach (var folder in folders.Where(folder => folder.Target != place))
        {
            var moved = folder.Missing.Where(message => take(message.Content)).ToList();
            foreach (var message in moved)
                folder.FoundElsewhere(message.Content);
            if (moved.Count > 0)
                progress.Notice($"{folder.Target}: {moved.Count:N0} of the messages that were sent there {(moved.Count == 1 ? "is" : "are")} in {place}: moved at the target. {(moved.Count == 1 ? "It counts" : "They count")} as the same; flags and dates were not compared.");
        }
    }
}
