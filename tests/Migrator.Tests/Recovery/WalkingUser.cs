using System.Text;
using Migrator.Tests.Servers;

namespace Migrator.Tests.Recovery;

/// <summary>Does something to a mailbox, by chance.</summary>
/// <param name="name">In the messages that are delivered to it.</param>
internal sealed class WalkingUser(DovecotServer server, string user, string name, Random random)
{
    private static readonly string[] s_folders = ["INBOX", "A", "B", "C", "D/E", "F"];
    private static readonly string[] s_flags = ["\\Seen", "\\Flagged", "\\Answered", "$Label"];

    private int _letters;

    /// <returns>What was done.</returns>
    public async Task<string> ActAsync()
    {
        await using var imap = await server.LogInAsync(user);
        var there = (await MailboxContent.ReadAsync(imap)).Folders.Keys.Intersect(s_folders).ToList();
        var (folder, other, act) = (Of(there), Of(there), random.Next(40));
        var free = s_folders.Except(there).ToList();
        if (act < 4 && free.Count > 0)
        {
            var made = Of(free);
            await imap.CreateAsync(made);
            return $"create {made}";
        }
        if (act == 4 && folder != "INBOX")
        {
            await imap.RunAsync($"DELETE {RawImap.Name(folder)}");
            return $"delete {folder}";
        }
        if (act == 5 && folder != "INBOX")
        {
            await imap.RunAsync($"DELETE {RawImap.Name(folder)}");
            await imap.CreateAsync(folder);
            return $"recreate {folder}";
        }
        if (act is 6 or 7 && folder != "INBOX" && free.Count > 0)
        {
            var to = Of(free);
            await imap.RunAsync($"RENAME {RawImap.Name(folder)} {RawImap.Name(to)}");
            return $"rename {folder} to {to}";
        }
        if (act < 22 || await PickAsync(imap, folder) is not { } uid)
        {
            await DeliverAsync(imap, folder);
            return $"deliver to {folder}";
        }
        if (act < 28)
        {
            await imap.RunAsync($"UID STORE {uid} {(random.Next(3) == 0 ? '-' : '+')}FLAGS ({Of(s_flags)})");
            return $"flag {uid} in {folder}";
        }
        // Within its folder, a message gets another UID only: the model does not see that, to a copy it is gone and somebody else's.
        if (act < 33 && other != folder)
        {
            await imap.RunAsync($"UID MOVE {uid} {RawImap.Name(other)}");
            return $"move {uid} from {folder} to {other}";
        }
        if (act < 36)
        {
            await imap.RunAsync($"UID COPY {uid} {RawImap.Name(other)}");
            return $"copy {uid} from {folder} to {other}";
        }
        await imap.RunAsync($"UID STORE {uid} +FLAGS (\\Deleted)");
        await imap.RunAsync($"UID EXPUNGE {uid}");
        return $"delete {uid} in {folder}";
    }

    private async Task DeliverAsync(RawImap imap, string folder)
    {
        // One in ten is a twin of an earlier one.
        var number = random.Next(10) == 0 && _letters > 0 ? 1 + random.Next(_letters) : ++_letters;
        await imap.AppendAsync(
            folder,
            Encoding.ASCII.GetBytes($"Message-ID: <{name}{number}@x>\r\nSubject: {name} {number}\r\n\r\nText {number}\r\n"),
            string.Join(' ', s_flags.Where(_ => random.Next(4) == 0)),
            DateTimeOffset.UnixEpoch.AddDays(10_000 + number)
        );
    }

    private async Task<string?> PickAsync(RawImap imap, string folder)
    {
        await imap.RunAsync($"SELECT {RawImap.Name(folder)}");
        var uids = (await imap.RunAsync("UID SEARCH ALL"))
            .Where(response => response.Text.StartsWith("* SEARCH", StringComparison.Ordinal))
            .SelectMany(response => response.Text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(2))
            .ToList();
        return uids.Count == 0 ? null : Of(uids);
    }

    private T Of<T>(IReadOnlyList<T> some) => some[random.Next(some.Count)];
}
