using MailKit;
using MailKit.Net.Imap;
using MailKit.Search;
using Migrator.Core.Failures;
using Migrator.Core.Mail;

namespace Migrator.Mail.Imap;

/// <summary>Lists the UIDs of the open folder and proves that none is left out: a server may cut a SEARCH short (RFC 9738 allows
/// it, and some do without a word), and a message that is not listed would be taken for one that was deleted.</summary>
internal sealed class UidListing(StreamingImapClient client, ImapFolder folder, KnownFaults faults, string where)
{
    // Far beyond what windows of the smallest sensible limit need; a server that answers nonsense must not be asked for ever.
    private const int MostSearches = 10_000;

    // So many cannot have arrived since the folder was opened.
    private const long MostArrivals = 1_000_000;

    private UidSet _found = UidSet.Empty;

    /// <param name="from">Only UIDs from this one on are wanted.</param>
    /// <exception cref="MailException"><see cref="Reason.ListingIncomplete"/>.</exception>
    public async Task<UidSet> ReadAsync(Uid from, CancellationToken cancellationToken)
    {
        if (folder.Count == 0 && !await IsFullAsync(cancellationToken))
            return UidSet.Empty;
        if (from > 1 && await ReadTailAsync(from, cancellationToken) is { } tail)
            return tail;
        var limit = await SearchAsync(1, uint.MaxValue, cancellationToken);
        if (!IsWhole)
        {
            // A message that another session removed counts until the server gets the chance to say so (RFC 9051, section 7.5.1).
            await client.NoOpAsync(cancellationToken);
            await SearchAsync(1, uint.MaxValue, cancellationToken);
        }
        if (!IsWhole)
        {
            faults.CutsSearches = true;
            await SearchWindowsAsync(limit, cancellationToken);
        }
        if (!IsWhole)
        {
            throw new MailException(
                Reason.ListingIncomplete,
                $"{where}: the server says that the folder contains {folder.Count:N0} messages but lists only {_found.Count:N0} of "
                    + "them (SEARCH), asked for all and for parts."
            );
        }
        return _found.From(from);
    }

    /// <summary>Whether a folder that opened without any message has some by what the server says elsewhere: one that shows an empty folder
    /// by mistake must not empty the record of it.</summary>
    private async Task<bool> IsFullAsync(CancellationToken cancellationToken)
    {
        // Messages that another session added, such as the one that appends, are there once the server got the chance to say so.
        await client.NoOpAsync(cancellationToken);
        if (folder.Count > 0)
            return true;
        await faults.TryStatusAsync(() => folder.StatusAsync(StatusItems.Count, cancellationToken));
        if (folder.Count > 0 || folder.UidNext is { Id: 1 })
            return folder.Count > 0;
        try
        {
            // It has had mail, and a server that counts wrongly may list it all the same.
            return await SearchAsync(1, uint.MaxValue, cancellationToken) > 0;
        }
        catch (ImapCommandException)
        {
            // Some refuse to search where there is nothing.
            return false;
        }
    }

    // More than EXISTS says is not a fault: messages arrive.
    private bool IsWhole => _found.Count >= folder.Count;

    /// <summary>The end of the folder without listing all of it: whole if the message just before what was listed has a lower UID, because
    /// UIDs ascend with sequence numbers (RFC 9051, section 2.3.1.1).</summary>
    /// <returns>Null where that cannot be shown.</returns>
    private async Task<UidSet?> ReadTailAsync(Uid from, CancellationToken cancellationToken)
    {
        var count = folder.Count;
        await SearchAsync(from.Value, uint.MaxValue, cancellationToken);
        if (folder.Count != count || _found.Count > count)
            return null;
        if (_found.Count < count)
        {
            try
            {
                var index = count - _found.Count - 1;
                var before = await folder.FetchAsync(index, index, MessageSummaryItems.UniqueId, cancellationToken);
                if (
                    folder.Count != count
                    || before is not [{ } last]
                    || last.Index != index
                    || !last.UniqueId.IsValid
                    || last.UniqueId.Id >= from
                )
                    return null;
            }
            catch (ImapCommandException)
            {
                return null;
            }
        }
        return _found;
    }

    /// <summary>Asks for parts of the UIDs, each as small as it takes to get less than the server gave at most.</summary>
    private async Task SearchWindowsAsync(int limit, CancellationToken cancellationToken)
    {
        var last = folder.UidNext is { Id: > 1 } next ? next.Id - 1 : uint.MaxValue;
        var windows = new Stack<(uint First, uint Last)>([(1, last)]);
        for (var searches = 0; !IsWhole && searches < MostSearches && windows.TryPop(out var window); )
        {
            var middle = window.First + ((window.Last - window.First) / 2);
            foreach (
                var (first, end) in new[] { (window.First, middle), (middle + 1, window.Last) }.Where(half => half.Item1 <= half.Item2)
            )
            {
                searches++;
                if (await SearchAsync(first, end, cancellationToken) >= Math.Max(1, limit) && first < end)
                    windows.Push((first, end));
            }
        }
    }

    /// <returns>How many the server listed; more than any number where it refused to.</returns>
    private async Task<int> SearchAsync(uint first, uint last, CancellationToken cancellationToken)
    {
        var query =
            first <= 1 && last == uint.MaxValue
                ? SearchQuery.All
                : SearchQuery.Uids(new UniqueIdRange(new UniqueId(first), last == uint.MaxValue ? UniqueId.MaxValue : new UniqueId(last)));
        IList<UniqueId> uids;
        client.Answers.MessageLimit = null;
        try
        {
            uids = await folder.SearchAsync(query, cancellationToken);
        }
        catch (ImapCommandException) when (client.Answers.MessageLimit is not null)
        {
            // It would have to search too many, and lists none of them: parts are asked for.
            return int.MaxValue;
        }
        var listed = UidSets.Read(uids);
        // "n:*" names the last message even where its UID is below n (RFC 9051, section 9, seq-range).
        _found = _found.Union(listed.Intersect(UidSet.Of([new UidRange(first, last)])));
        // As a range (RFC 4731), a few bytes name 4 billion messages. Each would be asked for.
        var most = Math.Min(ImapAnswerLimits.MostUids, folder.Count + MostArrivals);
        if (_found.Ranges.Sum(range => range.Count) > most)
            throw new MailException(
                Reason.AnswerTooLong,
                $"{where}: the server says that the folder contains {folder.Count:N0} messages and lists more than {most:N0} (SEARCH)."
            );
        return (int)Math.Min(int.MaxValue, listed.Ranges.Sum(range => range.Count));
    }
}
