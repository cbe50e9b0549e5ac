using Migrator.Core.Failures;
using Migrator.Core.Mail;
using Migrator.Core.Progress;
using Migrator.Core.Reports;

namespace Migrator.Core.Migrations;

/// <summary>Deletes at a POP3 server what is safe elsewhere: each stored copy is read back and hashed first, each message is read once
/// more, and what was not confirmed does not count as deleted.</summary>
internal sealed class SourceDeletion(Func<CancellationToken, Task<IMailSource>> openSource, RunProgress progress)
{
    /// <summary>What has been listed for so long. Not what is gone since: that would be read back for nothing each time.</summary>
    /// <param name="listed">UIDs that the server listed in this run.</param>
    public static IReadOnlyList<Uid> Due(IReadOnlyList<UidMapEntry> uidMap, IEnumerable<Uid> listed, int days, DateTimeOffset now)
    {
        var old = uidMap
            .Where(entry => !UidMapMark.Is(entry.Key) && now - entry.FirstSeen >= TimeSpan.FromDays(days))
            .Select(entry => entry.Uid)
            .ToHashSet();
        return [.. listed.Where(old.Contains).Distinct().Order()];
    }

    /// <param name="due">UIDs.</param>
    /// <param name="readBack">Of these UIDs, those whose stored copy is there and whole, each with what it is.</param>
    /// <param name="announce">Makes durable that these are about to be deleted.</param>
    public async Task<DeletionResult> RunAsync(
        IReadOnlyList<Uid> due,
        Func<IReadOnlyList<Uid>, CancellationToken, Task<IReadOnlyDictionary<Uid, ContentId>>> readBack,
        Func<IReadOnlyList<Uid>, Task> announce,
        CancellationToken stop
    )
    {
        if (due.Count == 0)
            return DeletionResult.Nothing;
        try
        {
            progress.Phase = "Reading back before deleting";
            var safe = await readBack(due, stop);
            return safe.Count == 0 ? DeletionResult.Nothing : await RemoveAsync(safe, announce, stop);
        }
        catch (MailException exception)
        {
            // The mail is where it should be: only the deletion waits.
            progress.Notice($"Nothing was deleted at the source: {exception.Message} The next run tries again.");
            return DeletionResult.Nothing;
        }
    }

    private async Task<DeletionResult> RemoveAsync(
        IReadOnlyDictionary<Uid, ContentId> safe,
        Func<IReadOnlyList<Uid>, Task> announce,
        CancellationToken stop
    )
    {
        // A session of its own: the one that fetched may have been idle for longer than the server allows.
        await using var source = await openSource(stop);
        if (source is not IDeletableSource removable)
            return DeletionResult.Nothing;
        await removable.OpenAsync(FolderPath.Inbox, stop);
        var listed = (await removable.ListUidsAsync(1, stop)).Where(safe.ContainsKey).ToList();
        if (listed.Count == 0)
            return DeletionResult.Nothing;
        var (same, others) = await CompareAsync(removable, listed, safe, stop);
        // What is not the same message is announced too: the next run reads what is listed under these ids.
        await announce([.. same, .. others]);
        if (same.Count == 0)
            return new DeletionResult(0, Unconfirmed: false, others.Count);
        progress.Phase = "Deleting at the source";
        try
        {
            await removable.RemoveAsync(same, stop);
        }
        catch (MailException exception)
        {
            progress.Notice($"No deletion at the source was confirmed: {exception.Message} The next run tries again.");
            return new DeletionResult(0, Unconfirmed: true, others.Count);
        }
        progress.Notice(
            $"{same.Count:N0} message{(same.Count == 1 ? "" : "s")} deleted at the source, after reading back the stored "
                + $"cop{(same.Count == 1 ? "y" : "ies")}."
        );
        return new DeletionResult(same.Count, Unconfirmed: false, others.Count);
    }

    /// <summary>A server may give a unique id again once its message is gone (RFC 1939, section 7), and some number from 1 again: what is
    /// listed under it then was never fetched. Sizes do not tell for sure; so each message is read once more before it is deleted, which
    /// happens to each of them once.</summary>
    private async Task<(List<Uid> Same, List<Uid> Others)> CompareAsync(
        IDeletableSource source,
        List<Uid> listed,
        IReadOnlyDictionary<Uid, ContentId> stored,
        CancellationToken stop
    )
    {
        var (same, others) = (new List<Uid>(), new List<Uid>());
        try
        {
            await source.FetchAsync(
                listed,
                new HashingSink((uid, content, _, _) => (stored[uid] == content ? same : others).Add(uid)),
                stop
            );
        }
        catch (MailException exception) when (exception.Reason.Scope == FailureScope.Message)
        {
            progress.Notice($"{exception.Message} It stays on the server.");
        }
        if (others.Count > 0)
        {
            progress.Notice(
                $"{others.Count:N0} message{(others.Count == 1 ? "" : "s")} under an id that the server gave to another message before "
                    + $"{(others.Count == 1 ? "is not the message that was stored" : "are not those that were stored")}. "
                    + $"{(others.Count == 1 ? "It stays" : "They stay")} on the server and {(others.Count == 1 ? "is" : "are")} "
                    + "in no backup yet: run again. "
                    + "The server's administrator should make its unique ids (UIDL) unique."
            );
        }
        var proved = same.FindAll(source.SizeFits);
        if (proved.Count < same.Count)
            progress.Notice(
                $"{same.Count - proved.Count:N0} message{(same.Count - proved.Count == 1 ? " stays" : "s stay")} on the server: "
                    + "the size listed there is not the size that was received, so something may be missing."
            );
        return (proved, others);
    }
}
