using System.Globalization;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Migrator.Core.Mail;
using Migrator.Core.Migrations;
using Migrator.Files;
using Migrator.Tests.Corpus;
using Migrator.Tests.Memory;
using Xunit;

namespace Migrator.Tests.Files;

/// <summary>A mailbox that is exported and imported is the same mailbox.</summary>
public sealed class RoundTripTests : IDisposable
{
    private static readonly string[] s_flags =
    [
        "\\Answered",
        "\\Deleted",
        "\\Draft",
        "\\Flagged",
        "\\Seen",
        "$Forwarded",
        "NonJunk",
        "a-b",
        "x1",
    ];

    private static readonly string[] s_pieces =
    [
        "\r\n",
        "\n",
        "\r\n\r\n",
        "\n\n",
        "Subject: ",
        "From ",
        "\nFrom ",
        "\n>From ",
        ">",
        "\n>>",
        "Fro",
        ": ",
        ".",
        "\r",
        " ",
        "From MAILER-DAEMON Mon Jan  1 10:00:00 2024\n",
        "é",
        "\u00ff",
        "\0",
    ];

    private readonly FileHarness _files = new();

    public static TheoryData<FileFormat> Formats => [.. Enum.GetValues<FileFormat>()];

    public void Dispose() => _files.Dispose();

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task The_odd_corpus_comes_back(FileFormat format)
    {
        var mailbox = new MemoryMailSource();
        var inbox = mailbox.Add("INBOX", SpecialUse.Inbox, uidValidity: 1234);
        foreach (var odd in OddMessages.All.Append(OddMessages.Huge))
            inbox.Add(odd.Bytes, odd.Flags, odd.Date);
        mailbox.Add("Empty");
        mailbox.Add("Sent", SpecialUse.Sent, subscribed: false).Add([], "\\Seen", uid: 4_000_000_000);

        await _files.ShouldComeBackAsync(mailbox, format);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task Any_mailbox_comes_back(FileFormat format)
    {
        // The same mailboxes each time, so that a failure is one of the product; another seed to look further.
        var seed = ulong.Parse(Environment.GetEnvironmentVariable("MIGRATOR_TEST_SEED") ?? "1", CultureInfo.InvariantCulture);
        foreach (var mailbox in Mailboxes().Sample(40, new Rnd(seed), 20))
        {
            await _files.ShouldComeBackAsync(mailbox, format);
            _files.Clear();
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task Odd_folder_names_come_back_with_and_without_the_sidecar(FileFormat format)
    {
        string[] names =
        [
            "a/b",
            "a.b",
            "...",
            ".hidden",
            "Ende.",
            "blank ",
            " blank",
            "Grüße",
            "🎉 Feier",
            "100%",
            "%41",
            "%",
            "a%zz",
            "CON",
            "con.txt",
            "LPT9",
            "a:b*c?d\"e<f>g|h\\i",
            "a&b",
            "&-",
            "&AOk-",
            "~root",
            "cur",
            "x.sbd",
            "x",
            "mail.mbox",
            "mail.eml",
            "index.msf",
            "migrator-export.jsonl",
            "tab\there",
            "Work",
            "WORK",
            "work",
            "語",
        ];
        var mailbox = new MemoryMailSource();
        foreach (var name in names)
        {
            mailbox
                .Add(new FolderPath([name]))
                .Add(Encoding.UTF8.GetBytes($"Subject: {name}\r\n\r\nx\r\n"), date: new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.Zero));
            mailbox.Add(new FolderPath(["Parent", name])).Add("Subject: below\r\n\r\nx\r\n"u8.ToArray());
        }
        mailbox.Add("Parent", selectable: false);
        mailbox.Add("INBOX/Sub").Add("x"u8.ToArray());

        await _files.ShouldComeBackAsync(mailbox, format);

        File.Delete(Path.Combine(_files.Root, "migrator-export.jsonl"));
        await using var source = await _files.OpenAsync(format);
        var folders = await source.ListFoldersAsync(TestContext.Current.CancellationToken);
        var expected = mailbox.Folders.Where(folder => folder.Selectable).Select(folder => folder.Path.ToString());
        // Every directory is a folder to eml, and the root of a Maildir is INBOX.
        Assert.Equal(
            expected.Order(StringComparer.Ordinal),
            folders.Select(folder => folder.Path.ToString()).Except(["INBOX", "Parent"]).Order(StringComparer.Ordinal)
        );
        Assert.StartsWith(
            "Subject: Grüße",
            Encoding.UTF8.GetString(Encoding.Latin1.GetBytes((await Letter.ReadAsync(source, "Grüße"))[0].Text))
        );
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task Long_folder_names_come_back(FileFormat format)
    {
        var mailbox = new MemoryMailSource();
        foreach (
            var name in (string[])
                [
                    new string('n', 200),
                    new string('n', 201),
                    new string('ü', 200),
                    new string('%', 200),
                    string.Concat(Enumerable.Repeat("🎉", 100)),
                    "x" + string.Concat(Enumerable.Repeat("🎉", 100)),
                ]
        )
            mailbox.Add(new FolderPath([name, name, name])).Add("x"u8.ToArray());

        await _files.ShouldComeBackAsync(mailbox, format);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task More_keywords_than_letters_come_back(FileFormat format)
    {
        var mailbox = new MemoryMailSource();
        var inbox = mailbox.Add("INBOX", SpecialUse.Inbox);
        foreach (var number in Enumerable.Range(0, 40))
            inbox.Add("x"u8.ToArray(), $"Keyword{number} Keyword{number / 2} \\Seen");

        await _files.ShouldComeBackAsync(mailbox, format);
    }

    [Theory]
    [InlineData("From x")]
    [InlineData(">From x")]
    [InlineData(">>From x")]
    [InlineData("a\nFrom x\n")]
    [InlineData("a\r\nFrom x\r\n\r\n>From y\r\n>>From z")]
    [InlineData("a\n\nFrom MAILER-DAEMON Mon Jan  1 10:00:00 2024\n\nb")]
    [InlineData("a\n>>>>\n>>>>From \n>>>>Fro\n>From")]
    [InlineData("a\rFrom x")]
    [InlineData("From ")]
    [InlineData("From")]
    [InlineData(">")]
    [InlineData("FFrom x\nFrFrom y")]
    [InlineData("\n")]
    [InlineData("\r\n\r\n\r\n")]
    public async Task Lines_that_look_like_separators_come_back(string text)
    {
        foreach (var piece in (int[])[1, 2, 5, 1000])
        {
            var mailbox = new MemoryMailSource { Piece = piece, IsShy = piece == 2 };
            var inbox = mailbox.Add("INBOX", SpecialUse.Inbox);
            inbox.Add(Encoding.Latin1.GetBytes(text), date: new DateTimeOffset(2024, 5, 6, 7, 8, 9, TimeSpan.FromHours(2)));
            inbox.Add("next\r\n"u8.ToArray());
            await _files.ShouldComeBackAsync(mailbox, FileFormat.Mbox);

            // Another program finds two messages too.
            File.Delete(Path.Combine(_files.Root, "migrator-export.jsonl"));
            await using (var source = await _files.OpenAsync(FileFormat.Mbox))
            {
                var letters = await Letter.ReadAsync(source, "INBOX");
                Assert.Equal(
                    [text.TrimEnd('\r', '\n').Replace("\r\n", "\n"), "next"],
                    letters.Select(letter => letter.Text.TrimEnd('\r', '\n').Replace("\r\n", "\n"))
                );
                Assert.Equal(new DateTimeOffset(2024, 5, 6, 5, 8, 9, TimeSpan.Zero), letters[0].Date);
            }
            _files.Clear();
        }
    }

    [Fact]
    public async Task Quoting_across_the_edges_of_read_buffers_comes_back()
    {
        var mailbox = new MemoryMailSource();
        var inbox = mailbox.Add("INBOX", SpecialUse.Inbox);
        foreach (var shift in Enumerable.Range(0, 80))
            inbox.Add(Encoding.Latin1.GetBytes(new string('x', 65_536 - 60 + shift) + "\n>From here\n\nFrom there 10:00\n"));

        await _files.ShouldComeBackAsync(mailbox, FileFormat.Mbox);
    }

    private static Gen<MemoryMailSource> Mailboxes()
    {
        var bytes = Gen.OneOf(
                Gen.Elements(s_pieces).Select(Encoding.Latin1.GetBytes),
                Gen.Choose(0, 255).Select(value => new[] { (byte)value }),
                Gen.Choose(1, 3000).Select(length => Encoding.Latin1.GetBytes(new string('w', length)))
            )
            .ListOf()
            .Select(pieces => pieces.SelectMany(piece => piece).ToArray());
        var message =
            from content in bytes
            from flags in Gen.SubListOf(s_flags)
            from seconds in Gen.Choose(0, 1_700_000_000)
            from minutes in Gen.Choose(-12 * 60, 14 * 60)
            select (
                Content: content,
                Flags: string.Join(' ', flags),
                Date: DateTimeOffset.FromUnixTimeSeconds(seconds).ToOffset(TimeSpan.FromMinutes(minutes))
            );
        var letter = Gen.OneOf(
            Gen.Choose(' ', '~').Select(code => ((char)code).ToString()),
            Gen.Elements("ä", "ß", "語", "й", "€", "🎉", ".", "%", "/")
        );
        var name = letter.NonEmptyListOf().Select(string.Concat);
        var path = name.NonEmptyListOf().Select(names => new FolderPath([.. names.Take(3)]));
        return from paths in path.ListOf().Select(list => list.Distinct().Take(5).ToList())
            from contents in message.ListOf().ArrayOf(paths.Count)
            from piece in Gen.Elements(1, 3, 1 << 16)
            from shy in Gen.Elements(true, false)
            select Mailbox(paths, contents, piece, shy);
    }

    private static MemoryMailSource Mailbox(
        List<FolderPath> paths,
        IReadOnlyList<IEnumerable<(byte[] Content, string Flags, DateTimeOffset Date)>> contents,
        int piece,
        bool shy
    )
    {
        var mailbox = new MemoryMailSource { Piece = piece, IsShy = shy };
        foreach (var (path, messages) in paths.Zip(contents))
        {
            var folder = mailbox.Add(path, path.IsInbox ? SpecialUse.Inbox : SpecialUse.None, uidValidity: 7);
            foreach (var (content, flags, date) in messages)
                folder.Add(content, flags, date, folder.State.UidNext.Value + (uint)(content.Length % 3));
        }
        return mailbox;
    }
}
