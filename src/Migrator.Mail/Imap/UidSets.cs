using MailKit;
using Migrator.Core.Mail;
using Migrator.Core.Migrations;
using Migrator.Core.Providers;

namespace Migrator.Mail.Imap;

/// <summary>Cuts UIDs into sets whose command fits into a line that servers take: 8,000 bytes (RFC 2683, section 3.2.1.5), and less after
/// one was too long.</summary>
/// <remarks>MailKit cuts some commands by what it knows of a few servers, does not count folder names, and sends up to 64 KB to
/// others.</remarks>
internal sealed class UidSets(ProviderProfile provider)
{
    // Shorter lines are never refused for their length.
    private const int Shortest = 200;

    // Leaves room for the rest of the command, a folder name or keywords included.
    private int _longest = Math.Max(Shortest, provider.CommandLength * 3 / 4);

    /// <param name="uids">Ascending.</param>
    /// <param name="command">Is called with some of them at a time. Called again, with fewer, where the server refused so long a set; it
    /// has then done nothing.</param>
    /// <param name="refusedAsTooLong">Whether the server refused the last command because of its length.</param>
    public async Task ForEachAsync(IReadOnlyList<Uid> uids, Func<List<UniqueId>, Task> command, Func<Exception, bool> refusedAsTooLong)
    {
        for (var start = 0; start < uids.Count; )
        {
            var (count, length) = Fitting(uids, start);
            try
            {
                await command([.. uids.Skip(start).Take(count).Select(uid => new UniqueId(uid.Value))]);
                start += count;
            }
            catch (Exception exception) when (length > Shortest && refusedAsTooLong(exception))
            {
                _longest = Math.Max(Shortest, length / 2);
            }
        }
    }

    /// <returns>How many of them fit, one at least, and how long they are as text.</returns>
    private (int Count, int Length) Fitting(IReadOnlyList<Uid> uids, int start)
    {
        var (fits, length) = (0, 0);
        for (var first = start; first < uids.Count; )
        {
            var last = first;
            while (last + 1 < uids.Count && last + 1 - start < provider.MessagesPerCommand && uids[last + 1] == uids[last].Next)
                last++;
            var part = Digits(uids[first]) + (last > first ? 1 + Digits(uids[last]) : 0) + (length > 0 ? 1 : 0);
            if (length > 0 && (length + part > _longest || last + 1 - start > provider.MessagesPerCommand))
                break;
            (fits, length, first) = (last + 1 - start, length + part, last + 1);
        }
        return (fits, length);
    }

    private static int Digits(Uid uid) => uid.ToString().Length;
}
