using System.Globalization;
using MailKit;
using MailKit.Net.Imap;
using Migrator.Core.Mail;
using Migrator.Core.Migrations;
using Migrator.Core.Providers;

namespace Migrator.Mail.Imap;

/// <summary>Cuts UIDs into sets whose command fits into a line that servers take: 8,000 bytes (RFC 2683, section 3.2.1.5), and less after
/// one was too long; and that name no more messages than a server executes a command for, once it has said so (RFC 9738).</summary>
/// <remarks>MailKit cuts some commands by what it knows of a few servers, does not count folder names, and sends up to 64 KB to
/// others.</remarks>
internal sealed class UidSets(ProviderProfile provider)
{
    // Shorter lines are never refused for their length.
    private const int Shortest = 200;

    // Leaves room for the rest of the command, a folder name or keywords included.
    private int _longest = Math.Max(Shortest, provider.CommandLength * 3 / 4);
    private int _most = provider.MessagesPerCommand;

    /// <summary>What a server listed. It may claim more than there is memory for, in a line of a few bytes: ranges stay ranges.</summary>
    public static UidSet Read(IList<UniqueId> uids) =>
        uids is UniqueIdSet or UniqueIdRange
            ? UidSet.Of(uids.ToString()!.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(Range))
            : UidSet.Of(uids.Select(uid => new Uid(uid.Id)));

    private static UidRange Range(string text)
    {
        // In either order (RFC 9051, section 9, seq-range). MailKit writes "*" for the highest UID that there can be.
        var ends = text.Split(':').Select(end => end == "*" ? Uid.Max : Number(end)).Order().ToList();
        return new UidRange(ends[0], ends[^1]);

        static Uid Number(string digits) => uint.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture);
    }

    /// <param name="uids">Ascending.</param>
    /// <param name="command">Is called with some of them at a time. Called again, with fewer, where the server refused so long a set and
    /// has done nothing, or has executed a part of it: what is done twice must be as good as what is done once.</param>
    /// <param name="refusedAsTooLong">Whether the server refused the last command because of its length.</param>
    /// <param name="limit">For how many messages it would have executed the last command, where it cut or refused it; null where it did
    /// neither.</param>
    public async Task ForEachAsync(
        IReadOnlyList<Uid> uids,
        Func<List<UniqueId>, Task> command,
        Func<Exception, bool> refusedAsTooLong,
        Func<int?> limit
    )
    {
        for (var start = 0; start < uids.Count; )
        {
            var (count, length) = Fitting(uids, start);
            try
            {
                await command([.. uids.Skip(start).Take(count).Select(uid => new UniqueId(uid.Value))]);
                if (!Narrows(limit(), count))
                    start += count;
            }
            catch (ImapCommandException) when (Narrows(limit(), count))
            {
                // Again, for fewer.
            }
            catch (Exception exception) when (length > Shortest && refusedAsTooLong(exception))
            {
                _longest = Math.Max(Shortest, length / 2);
            }
        }
    }

    private bool Narrows(int? limit, int count)
    {
        if (limit is not { } most || count == 1)
            return false;
        // Whatever it says, so many were too many.
        _most = Math.Clamp(most, 1, count - 1);
        return true;
    }

    /// <returns>How many of them fit, one at least, and how long they are as text.</returns>
    private (int Count, int Length) Fitting(IReadOnlyList<Uid> uids, int start)
    {
        var (fits, length) = (0, 0);
        for (var first = start; first < uids.Count; )
        {
            var last = first;
            while (last + 1 < uids.Count && last + 1 - start < _most && uids[last + 1] == uids[last].Next)
                last++;
            var part = Digits(uids[first]) + (last > first ? 1 + Digits(uids[last]) : 0) + (length > 0 ? 1 : 0);
            if (length > 0 && (length + part > _longest || last + 1 - start > _most))
                break;
            (fits, length, first) = (last + 1 - start, length + part, last + 1);
        }
        return (fits, length);
    }

    private static int Digits(Uid uid) => uid.ToString().Length;
}
