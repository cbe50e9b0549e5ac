using Migrator.Core.Mail;

namespace Migrator.Core.Runs;

/// <summary>Deletes at a POP3 server what is safe elsewhere: each stored copy is read back and hashed first, and what was not confirmed does not count as
/// deleted.</summary>
internal sealed class SourceRemoval(Func<CancellationToken, Task<IMailSource>> openSource, IUidBook book, TimeProvider time)
{
    /// <param name="days">Since the server listed a message first.</param>
    /// <param name="readBack">Of these UIDs, those whose stored copy is there and whole.</param>
    public async Task RunAsync(int days, Func<IReadOnlyList<uint>, CancellationToken, Task<IReadOnlyCollection<uint>>> readBack, RunProgress progress, CancellationToken stop)
    {
        progress.Phase = "Reading back before deleting";
        var now = time.GetUtcNow();
        var due = (await book.ReadAsync(stop).ConfigureAwait(false)).Where(entry => now - entry.FirstSeen >= TimeSpan.FromDays(days)).Select(entry => entry.Uid).ToHashSet();
        if (due.Count == 0)
            return;
        var safe = await readBack([.. due.Order()], stop).ConfigureAwait(false);
        if (safe.Count == 0)
            return;

        // A session of its own: the one that fetched may have been idle for longer than the server allows.
        await using var source = await openSource(stop).ConfigureAwait(false);
        if (source is not IRemovableSource removable)
            return;
        await removable.OpenAsync(FolderPath.Inbox, stop).ConfigureAwait(false);
        var listed = (await removable.ListUidsAsync(1, stop).ConfigureAwait(false)).Where(safe.Contains).ToList();
        if (listed.Count == 0)
            return;
        progress.Phase = "Deleting at the source";
        try
        {
            await removable.RemoveAsync(listed, stop).ConfigureAwait(false);
            progress.Notice($"{listed.Count:N0} message{(listed.Count == 1 ? "" : "s")} deleted at the source, after reading back the stored cop{(listed.Count == 1 ? "y" : "ies")}.");
        }
        catch (MailException exception)
        {
            progress.Notice($"Nothing counts as deleted at the source: {exception.Message} The next run tries again.");
        }
    }
}
