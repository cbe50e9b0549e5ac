using Migrator.Core.Failures;
using Migrator.Core.Mail;
using Migrator.Core.Progress;
using Migrator.Core.Reports;

namespace Migrator.Core.Migrations;

/// <summary>Deletes at a POP3 server what is safe elsewhere: each stored copy is read back and hashed first, each message is read once more, and
/// what was not confirmed does not count as deleted.</summary>
internal sealed class SourceRemoval(Func<CancellationToken, Task<IMailSource>> openSource, RunProgress progress)
{
    /// <summary>What has been listed for so long. Not what is gone since: that would be read back for nothing each time.</summary>
    /// <param name="listed">UIDs that the server listed in this run.</param>
    public static IReadOnlyList<uint> Due(IReadOnlyList<UidEntry> book, IEnumerable<uint> listed, int days, DateTimeOffset now)
    {
        var old = book.Where(entry => !BookMark.Is(entry.Key) && now - entry.FirstSeen >= TimeSpan.FromDays(days)).Select(entry => entry.Uid).ToHashSet();
        return [.. listed.Where(old.Contains).Distinct().Order()];
    }

    /// <param name="due">UIDs.</param>
    /// <param name="readBack">Of these UIDs, those whose stored copy is there and whole, each with what it is.</param>
    /// <param name="announce">Makes durable that these are about to be deleted.</param>
    public async Task<RemovalResult> RunAsync(
        IReadOnlyList<uint> due, Func<IReadOnlyList<uint>, CancellationToken, Task<IReadOnlyDictionary<uint, ContentId>>> readBack, Func<IReadOnlyList<uint>, Task> announce,
        CancellationToken stop)
    {
        if (due.Count == 0)
            return RemovalResult.Nothing;
        try
        {
            progress.Phase = "Reading back before deleting";
            var safe = await readBack(due, stop).ConfigureAwait(false);
            return safe.Count == 0 ? RemovalResult.Nothing : await RemoveAsync(safe, announce, stop).ConfigureAwait(false);
        }
        catch (MailException exception)
        {
            // The mail is where it should be: only the deletion waits.
            progress.Notice($"Nothing was deleted at the source: {exception.Message} The next run tries again.");
            return RemovalResult.Nothing;
        }
    }

    private async Task<RemovalResult> RemoveAsync(IReadOnlyDictionary<uint, ContentId> safe, Func<IReadOnlyList<uint>, Task> announce, CancellationToken stop)
    {
        // A session of its own: the one that fetched may have been idle for longer than the server allows.
        await using var source = await openSource(stop).ConfigureAwait(false);
        if (source is not IRemovableSource removable)
            return RemovalResult.Nothing;
        await removable.OpenAsync(FolderPath.Inbox, stop).ConfigureAwait(false);
        var listed = (await removable.ListUidsAsync(1, stop).ConfigureAwait(false)).Where(safe.ContainsKey).ToList();
        if (listed.Count == 0)
            return RemovalResult.Nothing;
        var (same, others) = await CompareAsync(removable, listed, safe, stop).ConfigureAwait(false);
        // What is not the same message is announced too: the next run reads what is listed under these ids.
        await announce([.. same, .. others]).ConfigureAwait(false);
        if (same.Count == 0)
            return new RemovalResult(0, Unconfirmed: false, others.Count);
        progress.Phase = "Deleting at the source";
        try
        {
            await removable.RemoveAsync(same, stop).ConfigureAwait(false);
        }
        catch (MailException exception)
        {
            progress.Notice($"Nothing counts as deleted at the source: {exception.Message} The next run tries again.");
            return new RemovalResult(0, Unconfirmed: true, others.Count);
        }
        progress.Notice($"{same.Count:N0} message{(same.Count == 1 ? "" : "s")} deleted at the source, after reading back the stored cop{(same.Count == 1 ? "y" : "ies")}.");
        return new RemovalResult(same.Count, Unconfirmed: false, others.Count);
    }

    /// <summary>A server may give a unique id anew once its message is gone (RFC 1939, section 7), and some number from 1 again: what is listed under it then
    /// was never fetched. Sizes do not tell for sure; so each message is read once more before it is deleted, which happens to each of them once.</summary>
    private async Task<(List<uint> Same, List<uint> Others)> CompareAsync(
        IRemovableSource source, List<uint> listed, IReadOnlyDictionary<uint, ContentId> stored, CancellationToken stop)
    {
        var (same, others) = (new List<uint>(), new List<uint>());
        try
        {
            await source.FetchAsync(listed, new ContentHasher((uid, content, _, _) =>
                (stored[uid] == content ? same : others).Add(uid)), stop).ConfigureAwait(false);
        }
        catch (MailException exception) when (exception.Reason.Scope == FailureScope.Message)
        {
            progress.Notice($"{exception.Message} It stays on the server.");
        }
        if (others.Count > 0)
        {
            progress.Notice($"{others.Count:N0} message{(others.Count == 1 ? "" : "s")} under an id that the server gave to another message before "
                + $"{(others.Count == 1 ? "is not the message that was stored" : "are not those that were stored")}. "
                + $"{(others.Count == 1 ? "It stays" : "They stay")} on the server and {(others.Count == 1 ? "is" : "are")} in no backup yet: run again. "
                + "The server's administrator should make its unique ids (UIDL) unique.");
        }
        var proved = same.FindAll(source.SizeFits);
        if (proved.Count < same.Count)
            progress.Notice($"{same.Count - proved.Count:N0} message{(same.Count - proved.Count == 1 ? " stays" : "s stay")} on the server: "
                + "the size listed there is not the size that came, so it is not certain that all of it came.");
        return (proved, others);
    }
}
