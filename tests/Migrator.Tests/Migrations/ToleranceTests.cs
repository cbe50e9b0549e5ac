using System.Globalization;
using System.Text;
using Migrator.App.Formatting;
using Migrator.Core.Mail;
using Migrator.Core.Reports;
using Migrator.Tests.Servers;
using Xunit;
using static Migrator.Core.Reports.Rewrite;

namespace Migrator.Tests.Migrations;

/// <summary>Mailboxes that another tool has copied: what it did to messages is accepted where that was asked for, and nothing else
/// is.</summary>
public sealed class ToleranceTests(DovecotFixture servers)
{
    private const string Head = "From: ann@example.org\r\nTo: bob@example.org\r\nSubject: Plan\r\nMessage-ID: <plan@example.org>\r\n";
    private const string Text = "\r\nThe plan.\r\n";
    private const string Trace =
        "Return-Path: <ann@example.org>\r\nReceived: from old.example by new.example;\r\n\tMon, 2 Mar 2026 10:00:00 +0000\r\n";

    private static readonly Rewrite[] s_all = [HeadersAdded, LineEnds, DatesByHeader];
    private static readonly DateTimeOffset s_date = new(2024, 5, 17, 8, 30, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset s_copied = new(2026, 3, 2, 10, 0, 0, TimeSpan.Zero);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Source and target of a message that only the tolerance named makes the same.</summary>
    public static TheoryData<Rewrite, string, string, bool> Rewritten =>
        new()
        {
            { HeadersAdded, Head + Text, Trace + Head + Text, false },
            { HeadersAdded, Head + Text, Head + "X-Migrated-By: a tool\r\nX-Folder: INBOX\r\n" + Text, false },
            { HeadersAdded, Head + Text, "X-A: 1\r\n" + Head.Replace("Subject", "X-B: 2\r\nSubject") + Text, false },
            { HeadersAdded, "Subject: Plan\r\n" + Text, "Message-ID: <made@new.example>\r\nSubject: Plan\r\n" + Text, false },
            { HeadersAdded, "Subject: Plan\r\n" + Text, "Subject: Plan\r\nDate: Fri, 17 May 2024 08:30:00 +0000\r\n" + Text, false },
            { HeadersAdded, "\r\nNo header.\r\n", "X-A: 1\r\n\r\nNo header.\r\n", false },
            { LineEnds, Head + "\r\nThe last line does not end", Head + "\r\nThe last line does not end\r\n", false },
            { DatesByHeader, "Date: Mon, 2 Mar 2026 11:00:00 +0100\r\n" + Head + Text, "", true },
            { DatesByHeader, "Received: from a by b; Mon, 2 Mar 2026 05:00:00 -0500 (EST)\r\n" + Head + Text, "", true },
        };

    [Theory]
    [MemberData(nameof(Rewritten))]
    public async Task What_another_tool_did_is_accepted_only_where_that_was_asked_for(
        Rewrite rewrite,
        string sent,
        string stored,
        bool dated
    )
    {
        await using var harness = new Harness(servers.Old, servers.New);
        await PutAsync(harness, [(sent, s_date)], [(stored.Length > 0 ? stored : sent, dated ? s_copied : s_date)]);

        var strict = await harness.VerifyAsync(Stop);
        var others = await harness.VerifyAsync(Stop, null, [.. s_all.Where(other => other != rewrite)]);
        var report = await harness.VerifyAsync(Stop, null, rewrite);

        Assert.False(strict.Identical);
        Assert.False(others.Identical);
        Assert.Empty(others.Tolerated);
        Assert.True(report.Identical);
        var message = Assert.Single(report.Tolerated);
        Assert.Equal(rewrite, Assert.Single(message.Rewrites));
        Assert.Equal((1, 1, 0, 0, 0), Counts(report));
        Assert.Empty(report.Differences);
    }

    /// <summary>Servers that keep LF as they get it.</summary>
    [Fact]
    public async Task Messages_whose_lines_end_with_line_feeds_at_one_end_are_the_same_where_line_ends_are_tolerated()
    {
        await using var old = await AnyServer.StartAsync(ServerMake.Hoodiecrow);
        await using var harness = new Harness(servers.Old, servers.New);
        harness.Job = harness.Job with { Source = old.Account };
        await using (var source = await old.LogInAsync())
        {
            await source.AppendAsync("INBOX", Bytes((Head + Text).Replace("\r\n", "\n", StringComparison.Ordinal)), "", s_date);
            await source.AppendAsync("INBOX", Bytes((Trace + Text).Replace("\r\n", "\n", StringComparison.Ordinal)), "", s_date);
        }
        await using (var target = await harness.TargetAsync())
        {
            await target.AppendAsync("INBOX", Bytes(Head + Text), "", s_date);
            await target.AppendAsync("INBOX", Bytes("X-A: 1\r\n" + Trace + Text), "", s_date);
        }

        var strict = await harness.VerifyAsync(Stop);
        var alone = await harness.VerifyAsync(Stop, null, LineEnds);
        var both = await harness.VerifyAsync(Stop, null, LineEnds, HeadersAdded);

        Assert.Equal(0, strict.Folders.Sum(folder => folder.Matched));
        Assert.Equal((MatchedBy.CanonicalHash, 1), (Assert.Single(alone.Tolerated).MatchedBy, alone.Folders.Sum(folder => folder.Missing)));
        Assert.True(both.Identical);
        Assert.Equal(new RewriteCounts(2, 1, 2, 0), both.ToleratedCounts);
        Assert.Equal([MatchedBy.CanonicalHash, MatchedBy.HeaderAndBody], both.Tolerated.Select(message => message.MatchedBy));
    }

    [Fact]
    public async Task The_verdict_counts_what_was_tolerated_and_each_message_says_what_held()
    {
        await using var harness = new Harness(servers.Old, servers.New);
        (string, DateTimeOffset)[] sent = [.. Enumerable.Range(0, 14).Select(number => (Numbered(number), s_date))];
        await PutAsync(
            harness,
            sent,
            [
                .. sent.Select(
                    (message, number) =>
                        number switch
                        {
                            < 10 => (Trace + message.Item1, s_date),
                            < 12 => (message.Item1 + "\r\n", s_date),
                            _ => message,
                        }
                ),
            ]
        );

        var report = await harness.VerifyAsync(Stop, null, HeadersAdded, LineEnds);

        Assert.True(report.Identical);
        Assert.Equal((14, 12, 0, 0, 0), Counts(report));
        Assert.Equal([HeadersAdded, LineEnds], report.Tolerates);
        Assert.Equal(
            "The same: all 14 messages are at the target, 12 by tolerated rewrites: 10 headers added, 2 line ends",
            Verdict.Of(report).Headline
        );
        Assert.All(
            report.Tolerated.Take(10),
            message =>
                Assert.Equal(
                    (MatchedBy.HeaderAndBody, "added: Return-Path, Received", message.Uid),
                    (message.MatchedBy, message.Detail, message.TargetUid.Uid)
                )
        );
        Assert.All(report.Tolerated.Skip(10), message => Assert.Equal((MatchedBy.CanonicalHash, ""), (message.MatchedBy, message.Detail)));
    }

    /// <summary>Source and target of messages that nothing makes the same, and a word of what is said of them.</summary>
    public static TheoryData<string, string, string> Never =>
        new()
        {
            { Head + Text, Head + "\r\nThe plot.\r\n", "what differs: text" },
            { Head + Text, Trace + Head + "\r\nThe plan.\r\nAnd more.\r\n", "what differs: text" },
            { Head + Text, Trace + Head + "\r\n", "what differs: text" },
            { Head + Text, Head + "\r\nThe  plan.\r\n", "the form of the body" },
            { Head + Text, Head + "\r\nThe plan.\r\n\r\n", "the form of the body" },
            { Head + Attached("QUJD"), Trace + Head + Attached("QUJE"), "what differs: attachments" },
            { Head + Attached("QUJD"), Trace + Head + Attached("QUJ\r\nD"), "the form of the body" },
            { Head + "X-A: 1\r\n" + Text, Head + Text, "header X-A missing or changed" },
            { Head + "X-A: 1\r\n" + Text, Trace + Head + "X-A: 2\r\n" + Text, "header X-A missing or changed" },
            { Head + Text, Trace + Head.Replace("Plan", "Plot") + Text, "header Subject missing or changed" },
            { "X-A: 1\r\nX-B: 2\r\n" + Head + Text, "X-B: 2\r\nX-A: 1\r\n" + Head + Text, "the order of header fields" },
            { Head + Text, "Subject: Plot\r\n" + Head + Text, "header Subject added" },
            { Head + Text, "From: eve@example.org\r\n" + Head + Text, "header From added" },
            { Head + Text, Head + "Reply-To: eve@example.org\r\n" + Text, "header Reply-To added" },
            { Head + Text, Head + "Cc: eve@example.org\r\n" + Text, "header Cc added" },
            { Head + Text, Head + "subject : Plot\r\n" + Text, "header Subject added" },
            { Head + Text, Head + "Content-Type: text/html\r\n" + Text, "header Content-Type added" },
            { Head + Text, Head + "Content-Transfer-Encoding: base64\r\n" + Text, "" },
            { Head + Text, Head + "Message-ID: <other@example.org>\r\n" + Text, "header Message-ID added" },
            {
                Head + Text,
                Head + "Date: Mon, 2 Mar 2026 10:00:00 +0000\r\nDate: Mon, 2 Mar 2026 11:00:00 +0000\r\n" + Text,
                "header Date"
            },
            { Head + Text, Head + "No colon\r\n" + Text, "added" },
            { Head + Text, Head + "X-A: 1\rSubject: Plot\r\n" + Text, "header X-A added" },
            { Head + Text, Head + "X-A: 1\r\n \r\n\tSubject: Plot\r\n" + Text, "header X-A added" },
            { Head + Text, Head.Replace("\r\nTo", "\r\n To") + Text, "header From missing or changed" },
        };

    [Theory]
    [MemberData(nameof(Never))]
    public async Task What_a_message_says_is_never_tolerated_to_differ(string sent, string stored, string difference)
    {
        await using var harness = new Harness(servers.Old, servers.New);
        await PutAsync(harness, [(sent, s_date)], [(stored, s_date)]);

        var report = await harness.VerifyAsync(Stop, null, s_all);

        Assert.False(report.Identical);
        Assert.Equal((1, 0, 0, 1, 0), Counts(report));
        Assert.Empty(report.Tolerated);
        // Where it is found by its Message-ID, which is no proof.
        var altered = Assert.Single(report.Differences);
        Assert.Equal(DifferenceKind.Content, altered.Kind);
        Assert.Contains("the same Message-ID", altered.Actual);
        Assert.Contains(difference, altered.Actual);
    }

    [Fact]
    public async Task A_message_without_a_message_id_that_says_something_else_is_missing()
    {
        await using var harness = new Harness(servers.Old, servers.New);
        await PutAsync(
            harness,
            [("Subject: Plan\r\n" + Text, s_date), (Text, s_date)],
            [("Subject: Plan\r\n\r\nThe plot.\r\n", s_date), ("Subject: Plan\r\n" + Text + "\r\n", s_date)]
        );

        var report = await harness.VerifyAsync(Stop, null, s_all);

        Assert.Equal((2, 0, 2, 0, 2), Counts(report));
    }

    [Fact]
    public async Task Twins_are_paired_one_for_one_and_never_crosswise()
    {
        await using var harness = new Harness(servers.Old, servers.New);
        var more = Head + "X-Seen-By: bob\r\n" + Text;
        await using (var source = await harness.SourceAsync())
        {
            foreach (var (text, flags) in new[] { (Head + Text, "\\Seen"), (Head + Text, "\\Flagged"), (Head + Text, ""), (more, "") })
                await source.AppendAsync("INBOX", Bytes(text), flags, s_date);
        }
        await using (var target = await harness.TargetAsync())
        {
            foreach (var (text, flags) in new[] { (more, ""), (Head + Text, "\\Flagged"), (Head + Text, "\\Seen") })
                await target.AppendAsync("INBOX", Bytes(Trace + text), flags, s_date);
        }

        var report = await harness.VerifyAsync(Stop, null, s_all);

        // The one with a field more has its copy, and no other took that; the three with the same bytes have two.
        Assert.Equal(new RewriteCounts(3, 3, 0, 0), report.ToleratedCounts);
        Assert.Equal((4, 3, 1, 0, 0), Counts(report));
        Assert.Equal(
            [(new Uid(1), new Uid(3)), (new Uid(2), new Uid(2)), (new Uid(4), new Uid(1))],
            report.Tolerated.Select(message => (message.Uid, message.TargetUid.Uid))
        );
        Assert.Equal((DifferenceKind.Missing, (Uid?)new Uid(3)), (Assert.Single(report.Differences).Kind, report.Differences[0].Uid));
    }

    [Fact]
    public async Task A_date_is_accepted_only_if_the_header_of_the_source_has_it()
    {
        await using var harness = new Harness(servers.Old, servers.New);
        var text = "Date: Fri, 17 May 2024 08:30:00 +0000\r\n" + Head + Text;
        // The field that was added on top says when it was copied.
        await PutAsync(harness, [(text, s_date)], [(Trace + text, s_copied)]);

        var report = await harness.VerifyAsync(Stop, null, s_all);

        Assert.False(report.Identical);
        Assert.Equal(DifferenceKind.InternalDate, Assert.Single(report.Differences).Kind);
        Assert.Equal(new RewriteCounts(1, 1, 0, 0), report.ToleratedCounts);
        Assert.Equal(
            (
                "Not identical: 1 message with another date",
                "1 of 1 message at the source are at the target, 1 by tolerated rewrites: 1 headers added."
            ),
            (Verdict.Of(report).Headline, Verdict.Of(report).Then)
        );
    }

    [Fact]
    public async Task A_message_names_everything_that_was_done_to_it_and_by_which_field_it_is_dated()
    {
        await using var harness = new Harness(servers.Old, servers.New);
        var text = "Date: Mon, 2 Mar 2026 11:00:00 +0100\r\n" + Head + "\r\nThe plan.";
        await PutAsync(harness, [(text, s_date)], [("X-A: 1\r\nX-A: 2\r\n" + text + "\r\n", s_copied)]);

        var report = await harness.VerifyAsync(Stop, null, s_all);

        Assert.True(report.Identical);
        var message = Assert.Single(report.Tolerated);
        Assert.Equal(s_all, message.Rewrites);
        Assert.StartsWith("added: X-A; dated 2026-03-02", message.Detail);
        Assert.Contains("by its Date header", message.Detail);
        Assert.Equal(new RewriteCounts(1, 1, 1, 1), report.ToleratedCounts);
    }

    /// <summary>Each can be a copy of each, and none is: compared with each other without a limit, they would take hours.</summary>
    [Fact]
    public async Task Thousands_of_messages_with_one_message_id_end_with_a_report()
    {
        const int messages = 1500;
        await using var harness = new Harness(servers.Old, servers.New);
        var many = string.Concat(Enumerable.Range(0, 90).Select(number => $"X-{number}: {number}\r\n"));
        await PutAsync(
            harness,
            [.. Enumerable.Range(0, messages).Select(number => ($"{Head}{many}X-Own: {number}\r\n{Text}", s_date))],
            [.. Enumerable.Range(messages, messages).Select(number => ($"{Head}{many}X-Own: {number}\r\n{Text}", s_date))]
        );

        var report = await harness.VerifyAsync(Stop, null, s_all);

        Assert.Equal((messages, 0, 0, messages, 0), Counts(report));
        Assert.Empty(report.Tolerated);
        Assert.Contains(report.Notices, notice => notice.Contains("too many messages have the same Message-ID and body"));
    }

    [Fact]
    public async Task What_has_too_many_header_fields_or_parts_is_a_difference_and_others_are_compared()
    {
        await using var harness = new Harness(servers.Old, servers.New);
        var many = string.Concat(Enumerable.Range(0, 5000).Select(number => $"X-{number}: {number}\r\n"));
        var deep = string.Concat(
            Enumerable.Range(0, 2000).Select(level => $"Content-Type: multipart/mixed; boundary=b{level}\r\n\r\n--b{level}\r\n")
        );
        var (wide, nested) = (Head + many + Text, Numbered(1)[..^"\r\n\r\nText 1".Length] + "\r\n" + deep + Text);
        await PutAsync(
            harness,
            [(wide, s_date), (nested, s_date), (Numbered(2), s_date)],
            [(Trace + wide, s_date), (Trace + nested, s_date), (Trace + Numbered(2), s_date)]
        );

        var report = await harness.VerifyAsync(Stop, null, s_all);

        Assert.Equal((3, 2, 0, 1, 0), Counts(report));
        Assert.Contains(report.Notices, notice => notice.Contains("2 messages have more header fields than can be held"));
    }

    private static (long Source, long Tolerated, long Missing, long Altered, long Extra) Counts(VerifyReport report)
    {
        var total = ComparedCounts.Of(report);
        return (total.SourceMessages, total.Tolerated, total.Missing, total.Altered, total.Extra);
    }

    private static string Numbered(int number) =>
        string.Create(CultureInfo.InvariantCulture, $"From: ann@example.org\r\nMessage-ID: <{number}@example.org>\r\n\r\nText {number}");

    private static string Attached(string base64) =>
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nSee there.\r\n--b\r\n"
        + $"Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n{base64}\r\n--b--\r\n";

    private static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text);

    private static async Task PutAsync(
        Harness harness,
        (string Text, DateTimeOffset Date)[] sent,
        (string Text, DateTimeOffset Date)[] stored
    )
    {
        await using (var source = await harness.SourceAsync())
            await source.AppendAllAsync("INBOX", sent.Select(message => (Bytes(message.Text), message.Date)));
        await using (var target = await harness.TargetAsync())
            await target.AppendAllAsync("INBOX", stored.Select(message => (Bytes(message.Text), message.Date)));
    }
}
