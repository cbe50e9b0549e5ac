using Migrator.Core.Archives;
using Migrator.Core.Failures;
using Migrator.Core.Mail;
using Migrator.Core.Progress;

namespace Migrator.Core.Backups;

/// <summary>Which messages of a POP3 mailbox are whole in the archive, by what the store gives and not by what the run remembers.</summary>
internal static class ArchiveReadBack
{
    /// <param name="snapshot">Durable.</param>
    public static async Task<IReadOnlyDictionary<Uid, ContentId>> RunAsync(
        Archive archive,
        Snapshot snapshot,
        IReadOnlyList<Uid> due,
        RunProgress progress,
        CancellationToken stop
    )
    {
        var safe = new Dictionary<Uid, ContentId>();
        await using var copy = await (await ArchiveSource.SessionsAsync(archive, snapshot, stop))(stop);
        await copy.OpenAsync(FolderPath.Inbox, stop);
        try
        {
            // A source of an archive returns only what has the hash that was recorded.
            await copy.FetchAsync(due, new HashingSink((uid, content, _, _) => safe[uid] = content), stop);
        }
        catch (MailException exception) when (exception.Reason.Scope == FailureScope.Message)
        {
            progress.Notice(
                $"{exception.Message}. It stays on the server. "
                    + $"{(exception.Reason == Reason.BlobOffline ? exception.Reason : Reason.ArchiveDamaged).Hint}"
            );
        }
        return safe;
    }
}
