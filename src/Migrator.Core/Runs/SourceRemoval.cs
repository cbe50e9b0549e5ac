using Migrator.Core.Mail;

namespace Migrator.Core.Runs;

/// <summary>Deletes at a POP3 server what is safe elsewhere: each stored copy is read back and hashed first, and what was not confirmed does not count as
/// deleted.</summary>
internal sealed class SourceRemoval(Func<CancellationToken, Task<IMailSource>> openSource, IUidBook book, TimeProvider time)
{
    /// <param name="days">Since the server listed a message first.</param>
    /// <param name="readBack">Of these UIDs, those whose stored copy is there and whole, each with what it is.</param>
    public async Task RunAsync(int days, Func<IReadOnlyList<uint>, CancellationToken, Task<IReadOnlyDictionary<uint, ContentId>>> readBack, RunProgress progress, CancellationToken stop)
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
        var listed = (await removable.ListUidsAsync(1, stop).ConfigureAwait(false)).Where(safe.ContainsKey).ToList();
        if (listed.Count == 0)
            return;
        listed = await SameAsync(removable, listed, safe, progress, stop).ConfigureAwait(false);
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

    /// <summary>A server may give a unique id anew once its message is gone (RFC 1939, section 7), and some number from 1 again: what is listed under it then
    /// was never fetched. Sizes do not tell for sure, and of some servers they are estimates; so each message is read once more before it is deleted, which
    /// happens to each of them once.</summary>
    private static async Task<List<uint>> SameAsync(IRemovableSource source, List<uint> listed, IReadOnlyDictionary<uint, ContentId> stored, RunProgress progress, CancellationToken stop)
    {
        var (same, others) = (new List<uint>(), 0);
        try
        {
            await source.FetchAsync(listed, new ContentHasher((uid, content, _, _) =>
            {
                if (stored[uid] == content)
                    same.Add(uid);
                else
                    others++;
            }), stop).ConfigureAwait(false);
        }
        catch (MailException exception) when (exception.Reason.Scope == FailureScope.Message)
        {
            progress.Notice($"{exception.Message} It stays on the server.");
        }
        if (others > 0)
        {
            progress.Notice($"{others:N0} message{(others == 1 ? "" : "s")} under an id that the server gave to another message before {(others == 1 ? "is not the message that was stored" : "are not those that were stored")}. "
                + $"{(others == 1 ? "It stays" : "They stay")} on the server and {(others == 1 ? "is" : "are")} in no backup. Its administrator has to make its unique ids (UIDL) unique.");
        }
        return same;
    }
}
