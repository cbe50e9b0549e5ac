using System.Text;
using Migrator.Tests.Servers;

namespace Migrator.Benchmarks;

/// <summary>A mailbox of ordinary mail: mostly small, some with attachments; the same each time.</summary>
internal static class SampleMailbox
{
    private static readonly string[] s_words =
    [
        .. Enumerable
            .Range(0, 2000)
            .Select(number =>
                string.Concat(
                    Enumerable.Range(0, 2 + (number % 7)).Select(letter => (char)('a' + (((number * 7) + (letter * letter * 13)) % 26)))
                )
            ),
    ];

    /// <returns>Bytes in all.</returns>
    public static async Task<long> FillAsync(DovecotServer server, string user, int messages, int folders)
    {
        var (random, bytes) = (new Random(1), 0L);
        await using var imap = await server.LogInAsync(user);
        List<string> names = ["INBOX", .. Enumerable.Range(1, folders - 1).Select(number => $"Project {number}")];
        foreach (var folder in names.Skip(1))
            await imap.CreateAsync(folder);
        for (var number = 0; number < messages; number++)
        {
            var message = Message(random, number);
            bytes += message.Length;
            await imap.AppendAsync(
                names[number % names.Count],
                message,
                number % 3 == 0 ? "\\Seen" : "",
                DateTimeOffset.UnixEpoch.AddHours(400_000 + number)
            );
        }
        return bytes;
    }

    /// <summary>Many mailboxes, in INBOX, put there behind the server's back: that is not what is measured.</summary>
    /// <returns>Bytes in all.</returns>
    public static long Fill(DovecotServer server, IEnumerable<string> users, int messages)
    {
        var (random, bytes) = (new Random(3), 0L);
        foreach (var user in users)
        {
            server.DeliverRaw(
                user,
                Enumerable
                    .Range(0, messages)
                    .Select(number =>
                    {
                        var message = Message(random, number);
                        bytes += message.Length;
                        return (message, DateTimeOffset.UnixEpoch.AddHours(400_000 + number));
                    })
            );
        }
        return bytes;
    }

    /// <summary>Messages of 2 KB in INBOX.</summary>
    public static async Task FillSmallAsync(DovecotServer server, string user, int messages)
    {
        var random = new Random(2);
        await using var imap = await server.LogInAsync(user);
        for (var number = 0; number < messages; number++)
            await imap.AppendAsync("INBOX", Small(random, number), "", DateTimeOffset.UnixEpoch.AddHours(400_000 + number));
    }

    /// <summary>Messages of 2 KB in so many folders, which have equal shares.</summary>
    /// <param name="every">Only one of so many folders has some.</param>
    public static async Task FillFoldersAsync(DovecotServer server, string user, int messages, int folders, int every = 1)
    {
        await using (var imap = await server.LogInAsync(user))
        {
            for (var folder = 0; folder < folders; folder++)
                await imap.CreateAsync($"Folder {folder}");
        }
        await AddToFoldersAsync(server, user, messages, folders, every);
    }

    /// <inheritdoc cref="FillFoldersAsync"/>
    public static async Task AddToFoldersAsync(DovecotServer server, string user, int messages, int folders, int every = 1)
    {
        var random = new Random(4);
        await using var imap = await server.LogInAsync(user);
        for (var number = 0; number < messages; number++)
            await imap.AppendAsync(
                $"Folder {number * every % folders}",
                Small(random, number),
                "",
                DateTimeOffset.UnixEpoch.AddHours(400_000 + number)
            );
    }

    /// <summary>Messages of 500 bytes in INBOX.</summary>
    /// <param name="from">The number of the first.</param>
    public static async Task FillTinyAsync(DovecotServer server, string user, int from, int messages)
    {
        await using var imap = await server.LogInAsync(user);
        foreach (var some in Enumerable.Range(from, messages).Chunk(500))
            await imap.AppendAllAsync(
                "INBOX",
                some.Select(number => (Tiny(number), DateTimeOffset.UnixEpoch.AddMinutes(16_000_000 + number)))
            );
    }

    private static byte[] Tiny(int number) =>
        Encoding.Latin1.GetBytes(
            $"From: bob@example.org\r\nSubject: Message {number}\r\nMessage-ID: <{number}@tiny.example.org>\r\n\r\n"
                + string.Concat(Enumerable.Repeat($"{number} bottles of beer on the wall\r\n", 12))
        );

    private static byte[] Small(Random random, int number) =>
        Encoding.Latin1.GetBytes(
            $"From: bob@example.org\r\nSubject: Message {number}\r\n"
                + $"Message-ID: <{number}@small.example.org>\r\n\r\n{Text(random, 1900)}"
        );

    /// <summary>2 to 10 KB of words for nine of ten, up to 500 KB as of an attachment for the tenth.</summary>
    private static byte[] Message(Random random, int number)
    {
        var attached = random.Next(10) == 0;
        var size = attached ? random.Next(10_000, 500_000) : random.Next(2_000, 10_000);
        return Encoding.Latin1.GetBytes(
            $"From: bob@example.org\r\nTo: ann@example.org\r\nSubject: Message {number}\r\nMessage-ID: <{number}@example.org>\r\n\r\n"
                + (attached ? Attachment(random, size) : Text(random, size))
        );
    }

    private static string Text(Random random, int size)
    {
        var text = new StringBuilder();
        while (text.Length < size)
        {
            for (var word = 0; word < 10; word++)
                text.Append(s_words[random.Next(s_words.Length)]).Append(' ');
            text.Append("\r\n");
        }
        return text.ToString();
    }

    private static string Attachment(Random random, int size)
    {
        var bytes = new byte[size * 3 / 4];
        random.NextBytes(bytes);
        return Convert.ToBase64String(bytes, Base64FormattingOptions.InsertLineBreaks) + "\r\n";
    }
}
