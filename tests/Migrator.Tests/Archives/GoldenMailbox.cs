using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Migrator.Core.Archives;
using Migrator.Core.Mail;
using Migrator.Tests.Memory;

namespace Migrator.Tests.Archives;

/// <summary>What the golden archives hold: a mailbox read over IMAP and one read over POP3, twice each. Changing anything here means that
/// the archives of the version that wrote them do not fit any more: add, do not change.</summary>
internal static class GoldenMailbox
{
    public const string Imap = "imap://ann@mail.example:993";
    public const string Pop3 = "pop3://bob@mail.example:995";
    public const uint Withheld = 12;

    // Of more messages than this, expected.json has one hash instead of a line for each.
    private const int MostShown = 100;

    public static readonly DateTimeOffset FirstRun = new(2026, 1, 31, 22, 0, 0, TimeSpan.Zero);
    public static readonly DateTimeOffset SecondRun = new(2026, 2, 1, 22, 0, 0, 500, TimeSpan.Zero);
    public static readonly byte[] KeyFile = [.. Enumerable.Range(0, 64).Select(number => (byte)(number * 5))];

    private static readonly byte[] s_twin = Text("Subject: twin\r\n\r\nTwo of me.\r\n");
    private static readonly byte[] s_report = Numbered(5 << 19);
    private static readonly byte[] s_megabyte = Numbered(1 << 20);
    private static readonly byte[] s_notice = Text("From: list@example.org\r\nSubject: notice\r\n\r\nThe same each time.\r\n");

    /// <summary>The first mailbox as it is at the first or the second run.</summary>
    public static MemoryMailSource ImapSource(bool second)
    {
        var mailbox = new MemoryMailSource();
        var inbox = mailbox.Add("INBOX", SpecialUse.Inbox, uidValidity: 1738360000);
        inbox.Add(Text("Subject: plain\r\n\r\nHello.\r\n"), second ? "\\Answered \\Seen" : "\\Seen", At("2025-03-01T12:00:00+01:00"), 1);
        inbox.Add(
            Text("Subject: keywords\r\n\r\nHello again, with more words than the first one has.\r\n"),
            "$Forwarded Later \\Flagged \\Seen",
            At("2025-03-02T03:04:05+05:45"),
            2
        );
        inbox.Add(s_twin, "", At("2025-03-03T00:00:00-11:00"), 4);
        inbox.Add(s_twin, "\\Seen", At("2025-03-03T00:00:01-11:00"), 5);
        inbox.Add([], "", At("1970-01-01T00:00:00+00:00"), 6);
        if (!second)
            inbox.Add(Text("Subject: gone soon\r\n\r\n"), "\\Deleted", At("2025-03-04T00:00:00+00:00"), 7);
        inbox.Add(s_report, "\\Draft", At("2025-03-05T10:11:12+00:00"), 8);
        inbox.Add(s_megabyte, "", At("2025-03-05T10:11:13+00:00"), 9);
        inbox.Add(
            [.. Text("Subject: octets\n\r\n"), .. Enumerable.Range(0, 256).Select(value => (byte)value)],
            "",
            At("1969-12-31T23:59:59+00:00"),
            10
        );
        if (second)
        {
            inbox.Add(Text("Subject: new\r\n\r\nOf the second day.\r\n"), "", At("2026-02-01T08:00:00+01:00"), 11);
            inbox.Add(Text("Subject: withheld\r\n\r\n"), "", At("2026-02-01T09:00:00+01:00"), Withheld);
            mailbox.Withheld.Add(Withheld);
        }
        inbox.Add(Text("Subject: far\r\n\r\n"), "", At("2025-03-06T00:00:00+00:00"), 4_000_000_000);

        mailbox
            .Add("Entwürfe", SpecialUse.Drafts)
            .Add(Text("Subject: twin\r\n\r\nAlmost.\r\n"), "\\Draft", At("2025-04-01T00:00:00+02:00"));
        mailbox.Add("Sent", SpecialUse.Sent).Add(s_twin, "\\Seen", At("2025-04-02T00:00:00+02:00"));
        mailbox.Add("Trash", SpecialUse.Trash, subscribed: false);
        mailbox.Add("Projects", selectable: false, subscribed: false);
        mailbox.Add("Projects/2025").Add(Text("Subject: nested\r\n\r\n"), "", At("2025-04-03T00:00:00+02:00"));
        mailbox
            .Add(new FolderPath(["Projects", "In/Out", "a\\b"]))
            .Add(Text("Subject: slash\r\n\r\n"), "", At("2025-04-04T00:00:00+02:00"));
        var list = mailbox.Add("List", uidValidity: 3);
        for (var uid = 1u; uid <= 4100; uid++)
        {
            if (!(second && uid == 10))
                list.Add(s_notice, uid % 2 == 0 ? "\\Seen" : "", At("2025-05-01T00:00:00+00:00").AddMinutes(uid), uid);
        }
        return mailbox;
    }

    /// <summary>The second mailbox: its messages have no dates and flags at the server, and no UIDs.</summary>
    public static MemoryMailSource Pop3Source(bool second)
    {
        var mailbox = new MemoryMailSource();
        var inbox = mailbox.Add("INBOX", SpecialUse.Inbox);
        foreach (
            var (uid, (_, bytes, _)) in s_pop3.Where(message => message.Key != 1 || !second).Where(message => message.Key != 5 || second)
        )
            inbox.Add(bytes, uid: uid);
        return mailbox;
    }

    private static readonly SortedDictionary<Uid, (string Key, byte[] Bytes, ReceivedDate ReceivedDate)> s_pop3 = new()
    {
        [1] = (
            "uidl:0001",
            Text("Subject: downloaded\r\n\r\nGone from the server later.\r\n"),
            new ReceivedDate(At("2025-06-01T00:00:00+02:00"), ReceivedDateSource.Received)
        ),
        [2] = ("uidl:größer~", Text("Subject: other\r\n\r\n"), new ReceivedDate(At("2025-06-02T00:00:00+02:00"), ReceivedDateSource.Date)),
        // UID 3 is that of the entry "twice:0003".
        [4] = ($"sha256:{ContentId.Of(s_twin)}#1", s_twin, new ReceivedDate(FirstRun, ReceivedDateSource.Now)),
        [5] = (
            "uidl:0005",
            Text("Subject: second day\r\n\r\n"),
            new ReceivedDate(At("2026-02-01T12:00:00-05:00"), ReceivedDateSource.Received)
        ),
    };

    /// <summary>What a message's date is, and where it is from.</summary>
    public static ReceivedDate ArrivalOf(Uid uid) => s_pop3[uid].ReceivedDate;

    /// <summary>The UID map, in the order in which its UIDs were given; its times are kept to the second.</summary>
    public static IReadOnlyList<UidMapEntry> UidMap(bool second) =>
        [
            new UidMapEntry(s_pop3[1].Key, 1, FirstRun),
            new UidMapEntry(s_pop3[2].Key, 2, FirstRun),
            new UidMapEntry("twice:0003", 3, FirstRun),
            new UidMapEntry(s_pop3[4].Key, 4, FirstRun),
            .. second ? new[] { new UidMapEntry(s_pop3[5].Key, 5, SecondRun.AddMilliseconds(-SecondRun.Millisecond)) } : [],
        ];

    /// <summary>What must come out of either archive; made from what went in, not from what came out.</summary>
    public static JsonArray Expected() =>
        [
            ExpectedMailbox(
                Imap,
                second =>
                    Expect(
                        Imap,
                        second,
                        second ? "partial" : "complete",
                        second
                            ?
                            [
                                new JsonObject
                                {
                                    ["folder"] = "INBOX",
                                    ["uid"] = Withheld,
                                    ["code"] = "source-unreadable",
                                },
                            ]
                            : [],
                        ImapSource(second).Folders,
                        folder =>
                            folder
                                .Messages.Values.Where(message => !(second && folder.Path.IsInbox && message.Uid == Withheld))
                                .Select(message => new ArchivedMessage(
                                    message.Uid,
                                    ContentId.Of(message.Bytes),
                                    message.Bytes.Length,
                                    message.InternalDate,
                                    null,
                                    message.Flags
                                )),
                        []
                    )
            ),
            ExpectedMailbox(
                Pop3,
                second =>
                    Expect(
                        Pop3,
                        second,
                        "complete",
                        [],
                        Pop3Source(second).Folders,
                        _ =>
                            s_pop3
                                .Where(message => message.Key < 5 || second)
                                .Select(message => new ArchivedMessage(
                                    message.Key,
                                    ContentId.Of(message.Value.Bytes),
                                    message.Value.Bytes.Length,
                                    message.Value.ReceivedDate.Date,
                                    message.Value.ReceivedDate.From,
                                    FlagSet.None
                                )),
                        [
                            .. UidMap(second)
                                .Select(entry => new JsonObject
                                {
                                    ["uid"] = entry.Uid.Value,
                                    ["firstSeen"] = Date(entry.FirstSeen),
                                    ["key"] = entry.Key,
                                }),
                        ]
                    )
            ),
        ];

    private static JsonObject ExpectedMailbox(string account, Func<bool, JsonObject> snapshot) =>
        new() { ["mailbox"] = account, ["snapshots"] = new JsonArray(snapshot(false), snapshot(true)) };

    private static JsonObject Expect(
        string account,
        bool second,
        string state,
        JsonArray gaps,
        IEnumerable<MemoryMailSource.Folder> folders,
        Func<MemoryMailSource.Folder, IEnumerable<ArchivedMessage>> messages,
        JsonArray keys
    )
    {
        // The second mailbox is backed up a minute after the first.
        var time = (second ? SecondRun : FirstRun).AddMinutes(account == Pop3 ? 1 : 0);
        return SnapshotJson(
            time,
            time,
            time,
            state,
            second,
            gaps,
            [
                .. folders
                    .OrderBy(folder => !folder.Path.IsInbox)
                    .ThenBy(folder => folder.Path.ToString(), StringComparer.Ordinal)
                    .Select(folder =>
                        FolderJson(
                            folder.Path,
                            folder.Use,
                            folder.Selectable,
                            folder.Subscribed,
                            folder.Selectable ? folder.UidValidity : null,
                            [.. folder.Selectable ? messages(folder) : []],
                            origins: true
                        )
                    ),
            ],
            keys
        );
    }

    /// <summary>A snapshot as expected.json shows it.</summary>
    public static JsonObject SnapshotJson(
        DateTimeOffset time,
        DateTimeOffset started,
        DateTimeOffset finished,
        string state,
        bool carriesOn,
        JsonArray gaps,
        JsonArray folders,
        JsonArray? keys
    )
    {
        var snapshot = new JsonObject
        {
            ["time"] = $"{time.UtcDateTime:yyyyMMdd't'HHmmssfff'z'}",
            ["started"] = JsonValue.Create(started),
            ["finished"] = JsonValue.Create(finished),
            ["state"] = state,
            ["carriesOn"] = carriesOn,
            ["gaps"] = gaps,
            ["folders"] = folders,
        };
        if (keys is not null)
            snapshot["keys"] = keys;
        return snapshot;
    }

    /// <param name="origins">Whether it is known where the dates are from.</param>
    public static JsonObject FolderJson(
        FolderPath path,
        SpecialUse use,
        bool selectable,
        bool subscribed,
        UidValidity? uidValidity,
        IReadOnlyList<ArchivedMessage> messages,
        bool origins
    )
    {
        var folder = new JsonObject
        {
            ["path"] = path.ToString(),
            ["names"] = new JsonArray([.. path.Names.Select(name => JsonValue.Create(name))]),
            ["use"] = JsonNamingPolicy.CamelCase.ConvertName(use.ToString()),
            ["selectable"] = selectable,
            ["subscribed"] = subscribed,
            ["uidValidity"] = uidValidity?.Value,
            ["count"] = messages.Count,
            ["octets"] = messages.Sum(message => message.Size),
        };
        if (messages.Count > MostShown)
        {
            var lines = string.Concat(
                messages.Select(message => $"{message.Uid} {message.Content} {message.Size} {Date(message.Date)} {message.Flags}\n")
            );
            folder["digest"] = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(lines)));
            return folder;
        }
        folder["messages"] = new JsonArray([
            .. messages.Select(message =>
            {
                var shown = new JsonObject
                {
                    ["uid"] = message.Uid.Value,
                    ["sha256"] = message.Content.ToString(),
                    ["size"] = message.Size,
                    ["date"] = Date(message.Date),
                    ["flags"] = message.Flags.ToString(),
                };
                if (origins)
                    shown["origin"] = message.Origin is { } origin ? JsonNamingPolicy.CamelCase.ConvertName(origin.ToString()) : "server";
                return shown;
            }),
        ]);
        return folder;
    }

    private static string Date(DateTimeOffset date) => $"{date:yyyy-MM-dd'T'HH:mm:sszzz}";

    private static DateTimeOffset At(string date) => DateTimeOffset.Parse(date, System.Globalization.CultureInfo.InvariantCulture);

    private static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);

    /// <summary>So many bytes that compress well.</summary>
    private static byte[] Numbered(int length)
    {
        var text = new StringBuilder("Subject: numbers\r\n\r\n");
        for (var line = 0; text.Length < length; line++)
            text.Append($"Line {line % 1000:d3} of a report that nobody reads to its end, and that is all the longer for it.\r\n");
        return Encoding.ASCII.GetBytes(text.ToString(0, length));
    }
}
