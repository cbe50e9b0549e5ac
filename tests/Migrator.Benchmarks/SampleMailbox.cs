using System.Text;
using Migrator.Tests.Servers;

namespace Migrator.Benchmarks;

/// <summary>A mailbox of ordinary mail: mostly small, some with attachments; the same each time.</summary>
internal static class SampleMailbox
{
    private static readonly string[] s_folders = ["INBOX", "Sent", "Projects"];

    /// <returns>Octets in all.</returns>
    public static async Task<long> FillAsync(DovecotServer server, string user, int messages)
    {
        var (random, octets) = (new Random(1), 0L);
        await using var imap = await server.LogInAsync(user);
        foreach (var folder in s_folders.Skip(1))
            await imap.CreateAsync(folder);
        for (var number = 0; number < messages; number++)
        {
            // 2 to 10 KB for nine of ten, up to 300 KB for the tenth.
            var size = random.Next(10) == 0 ? random.Next(10_000, 300_000) : random.Next(2_000, 10_000);
            var message = Encoding.Latin1.GetBytes($"From: bob@example.org\r\nTo: ann@example.org\r\nSubject: Message {number}\r\nMessage-ID: <{number}@example.org>\r\n\r\n"
                + string.Concat(Enumerable.Repeat($"{number,9}: The quick brown fox jumps over the lazy dog, as it always did.\r\n", size / 76)));
            octets += message.Length;
            await imap.AppendAsync(s_folders[number % s_folders.Length], message, number % 3 == 0 ? "\\Seen" : "", DateTimeOffset.UnixEpoch.AddHours(400_000 + number));
        }
        return octets;
    }
}
