using Migrator.Core.Archives;
using Migrator.Core.Mail;
using Migrator.Core.Runs;

namespace Migrator.Core.Backups;

/// <summary>Deletes at the source what is safe in the archive: after the snapshot is written, each message is read back from the store and hashed,
/// and only then asked to be deleted.</summary>
internal sealed class Pop3Removal(Archive archive, Func<CancellationToken, Task<IMailSource>> openSource, IUidBook book, TimeProvider time)
{
    /// <param name="snapshot">Durable.</param>
    /// <param name="days">Since the server listed a message first.</param>
    public async Task RunAsync(Snapshot snapshot, int days, RunProgress progress, CancellationToken stop)
    {
        progress.Phase = "Reading back before deleting";
        var due = (await book.ReadAsync(stop).ConfigureAwait(false)).Where(entry => time.GetUtcNow() - entry.FirstSeen >= TimeSpan.FromDays(days)).Select(entry => entry.Uid).ToHashSet();
        await using var source = await openSource(stop).ConfigureAwait(false);
        if (source is not IRemovableSource removable)
            return;
        await removable.OpenAsync(FolderPath.Inbox, stop).ConfigureAwait(false);
        var listed = (await removable.ListUidsAsync(1, stop).ConfigureAwait(false)).Where(due.Contains).ToList();
        if (listed.Count == 0)
            return;

        // With an index loaded anew: what counts is what the store gives, not what this run remembers.
        var safe = new HashSet<uint>();
        await using (var copy = await (await ArchiveSource.SessionsAsync(archive, snapshot, stop).ConfigureAwait(false))(stop).ConfigureAwait(false))
        {
            await copy.OpenAsync(FolderPath.Inbox, stop).ConfigureAwait(false);
            var archived = (await copy.ListUidsAsync(1, stop).ConfigureAwait(false)).ToHashSet();
            try
            {
                // A source of an archive gives out only what has the hash that was recorded.
                await copy.FetchAsync([.. listed.Where(archived.Contains)], new ContentHasher((uid, _, _, _) => safe.Add(uid)), stop).ConfigureAwait(false);
            }
            catch (MailException exception) when (exception.Reason.Scope == FailureScope.Message)
            {
                progress.Notice($"{exception.Message}. It stays on the server. {Reason.ArchiveDamaged.Hint}");
            }
        }
        if (safe.Count == 0)
            return;
        progress.Phase = "Deleting at the source";
        try
        {
            await removable.RemoveAsync([.. safe.Order()], stop).ConfigureAwait(false);
            progress.Notice($"{safe.Count:N0} message{(safe.Count == 1 ? "" : "s")} deleted at the source, after reading back the stored cop{(safe.Count == 1 ? "y" : "ies")}.");
        }
        catch (MailException exception)
        {
            progress.Notice($"Nothing counts as deleted at the source: {exception.Message} The next run tries again.");
        }
    }
}
