using System.Globalization;
using Migrator.Core.Mail;
using Migrator.Core.Migrations;
using Migrator.Core.Reports;
using Migrator.Core.Selection;
using Migrator.Mail.Imap;
using Migrator.Tests.Memory;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Xunit;
using static Migrator.Tests.Migrations.Letters;

namespace Migrator.Tests.Selection;

/// <summary>What the rules of a job leave out, and what later runs do about it.</summary>
public sealed class SelectedCopyTests(DovecotFixture servers)
{
    // The letters arrive a day apart, and every second one is read.
    private static readonly DateTimeOffset s_first = DateTimeOffset.UnixEpoch.AddDays(10_000);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static DateLimit Day(int number) => new(s_first.AddDays(number), null);

    public static TheoryData<string, MessageRules, int[]> Rules =>
        new()
        {
            {
                "received after",
                new() { ReceivedAfter = Day(7) },
                [7, 8, 9]
            },
            {
                "received before",
                new() { ReceivedBefore = Day(2) },
                [0, 1]
            },
            {
                "both",
                new() { ReceivedAfter = Day(2), ReceivedBefore = Day(4) },
                [2, 3]
            },
            {
                "unread",
                new() { WithoutFlags = ["\\SEEN"] },
                [1, 3, 5, 7, 9]
            },
            {
                "read",
                new() { WithFlags = ["\\Seen"] },
                [0, 2, 4, 6, 8]
            },
            {
                "keyword",
                new() { WithFlags = ["$important"] },
                [4]
            },
            {
                "not deleted",
                new() { WithoutFlags = ["\\Deleted"], ReceivedBefore = Day(4) },
                [0, 1, 2]
            },
            {
                "smaller",
                new() { SmallerThan = 1000, ReceivedBefore = Day(4) },
                [0, 2, 3]
            },
            {
                "larger",
                new() { LargerThan = 1000 },
                [1]
            },
            {
                "search",
                new() { Search = "OR SUBJECT \"Letter 6\" HEADER Message-ID \"<8@\"" },
                [6, 8]
            },
            {
                "sent after",
                new() { SentAfter = new(new(2020, 1, 1, 0, 0, 0, default), null) },
                [0, 1, 2, 3, 4, 6, 7, 8, 9]
            },
            {
                "sent before",
                new() { SentBefore = new(new(2020, 1, 1, 0, 0, 0, default), null), ReceivedAfter = Day(4) },
                [4, 5, 6, 7, 8, 9]
            },
        };

    private async Task<Harness> FilledAsync()
    {
        var harness = new Harness(servers.Old, servers.New);
        await using var source = await harness.SourceAsync();
        for (var number = 0; number < 10; number++)
        {
            var text = Letter(number, number == 1 ? 5000 : 200);
            // Only this one says when it was sent.
            byte[] dated = number == 5 ? [.. "Date: Mon, 1 Jul 2002 10:00:00 +0200\r\n"u8, .. text] : text;
            await source.AppendAsync("INBOX", dated, number % 2 == 0 ? "\\Seen" : "", s_first.AddDays(number));
        }
        await source.StoreAsync("INBOX", "5", "+FLAGS ($Important)");
        await source.StoreAsync("INBOX", "4", "+FLAGS (\\Deleted)");
        return harness;
    }

    private static async Task<int[]> NumbersAsync(Harness harness) =>
        (await harness.TargetContentAsync()).Folders.TryGetValue("INBOX", out var messages) ? [.. messages.Select(Number)] : [];

    private static int Number(MailboxContent.Message message) =>
        (int)(DateTime.Parse(message.Date, CultureInfo.InvariantCulture) - s_first.UtcDateTime).TotalDays;

    [Theory, MemberData(nameof(Rules))]
    public async Task Only_what_fulfills_the_rules_is_copied_and_the_others_once_they_may(string name, MessageRules rules, int[] expected)
    {
        Assert.NotEmpty(name);
        await using var harness = await FilledAsync();
        harness.Job = harness.Job with { Messages = rules };

        var check = await harness.CheckAsync(Stop);
        var report = await harness.RunAsync(Stop);

        Assert.Equal(expected, await NumbersAsync(harness));
        Assert.Equal((10, expected.Length, 10 - expected.Length), (report.Total.Found, report.Total.Delivered, report.Total.Skipped));
        Assert.Equal(RunOutcome.Complete, report.Outcome);
        var forecast = check.Folders.Single(folder => folder.Source.IsInbox);
        Assert.Equal((expected.Length, 10 - expected.Length), (forecast.ToCopy.Messages, forecast.Skipped));
        var verified = await harness.VerifyAsync(Stop);
        Assert.True(verified.Identical);
        Assert.Contains(verified.Notices, notice => notice.Contains("left out by rule", StringComparison.Ordinal));

        // Nothing changes, and nothing is judged again.
        var again = await harness.RunAsync(Stop);
        Assert.Equal((0, expected.Length, 10 - expected.Length), (again.Total.Delivered, again.Total.AlreadyThere, again.Total.Skipped));

        harness.Job = harness.Job with { Messages = MessageRules.All };
        var all = await harness.RunAsync(Stop);

        Assert.Equal((10 - expected.Length, 0, RunOutcome.Complete), (all.Total.Delivered, all.Total.Skipped, all.Outcome));
        Assert.Equal(Enumerable.Range(0, 10), (await NumbersAsync(harness)).Order());
        Assert.True((await harness.VerifyAsync(Stop)).Identical);
    }

    [Fact]
    public async Task What_was_copied_stays_when_rules_become_narrower()
    {
        await using var harness = await FilledAsync();
        await harness.RunAsync(Stop);
        harness.Job = harness.Job with { Messages = new() { ReceivedAfter = Day(8) } };

        var report = await harness.RunAsync(Stop);

        Assert.Equal((0, 10, 0), (report.Total.Delivered, report.Total.AlreadyThere, report.Total.Skipped));
        Assert.True((await harness.VerifyAsync(Stop)).Identical);
    }

    [Fact]
    public async Task A_message_whose_flags_change_is_judged_again()
    {
        await using var harness = await FilledAsync();
        harness.Job = harness.Job with { Messages = new() { WithoutFlags = ["\\Seen"] } };
        await harness.RunAsync(Stop);
        await using (var source = await harness.SourceAsync())
        {
            await source.StoreAsync("INBOX", "3", "-FLAGS (\\Seen)");
            await source.StoreAsync("INBOX", "2", "+FLAGS (\\Seen)");
        }

        var report = await harness.RunAsync(Stop);

        Assert.Equal((1, 5, 4), (report.Total.Delivered, report.Total.AlreadyThere, report.Total.Skipped));
        var there = (await harness.TargetContentAsync()).Folders["INBOX"];
        Assert.Equal("", there.Single(message => Number(message) == 2).Flags);
        Assert.Equal("\\Seen", there.Single(message => Number(message) == 1).Flags);
    }

    [Fact]
    public async Task Nothing_new_opens_no_folder_with_rules_either()
    {
        await using var harness = await FilledAsync();
        harness.Job = harness.Job with { Messages = new() { ReceivedAfter = Day(8) } };
        await harness.RunAsync(Stop);
        var opened = false;
        await using var proxy = new LoopbackProxy(servers.Old.ImapPort)
        {
            Sees = (_, text) => opened |= text.Contains("EXAMINE", StringComparison.Ordinal),
        };
        var endpoints = harness.Ends with
        {
            OpenSource = (_, stop) =>
                new ImapConnector(Harness.Server(proxy.Port, harness.SourceUser, null), DovecotServer.Password).OpenSourceAsync(stop),
        };

        var report = await harness.RunAsync(Stop, endpoints: endpoints);

        Assert.False(opened);
        Assert.Equal((2, 8), (report.Total.AlreadyThere, report.Total.Skipped));
    }

    [Fact]
    public async Task A_search_that_the_server_refuses_copies_nothing_of_the_folder()
    {
        await using var harness = await FilledAsync();
        harness.Job = harness.Job with { Messages = new() { Search = "NONSENSE" } };

        var report = await harness.RunAsync(Stop);

        Assert.NotEqual(RunOutcome.Complete, report.Outcome);
        Assert.Equal("search-refused", report.Folders.Single(folder => folder.Source.IsInbox).Failure!.Code);
        Assert.Empty(await NumbersAsync(harness));
    }

    [Fact]
    public async Task A_server_that_finds_nothing_leaves_nothing_out()
    {
        await using var harness = await FilledAsync();
        harness.Job = harness.Job with { Messages = new() { Search = "SUBJECT \"Letter 3\"" } };
        var asked = 0;
        await using var proxy = new LoopbackProxy(servers.Old.ImapPort)
        {
            // Neither what matches nor what does not.
            FromClient = text =>
            {
                if (!text.Contains("(SUBJECT", StringComparison.Ordinal))
                    return text;
                asked++;
                return text.Replace("Letter 3", "Nothing", StringComparison.Ordinal)
                    .Replace("UID 1:10 NOT", "UID 9999", StringComparison.Ordinal);
            },
        };
        var endpoints = harness.Ends with
        {
            OpenSource = (_, stop) =>
                new ImapConnector(Harness.Server(proxy.Port, harness.SourceUser, null), DovecotServer.Password).OpenSourceAsync(stop),
        };

        var report = await harness.RunAsync(Stop, endpoints: endpoints);

        Assert.True(asked > 0);
        Assert.Equal((10, 0), (report.Total.Delivered, report.Total.Skipped));
    }

    [Fact]
    public async Task The_newest_of_all_folders_come_first_and_later_runs_bring_the_others()
    {
        await using var harness = await FilledAsync();
        await using (var source = await harness.SourceAsync())
        {
            await source.CreateAsync("Work");
            await source.AppendAsync("Work", Letter(20), "", s_first.AddDays(20));
            await source.AppendAsync("Work", Letter(21), "", s_first.AddDays(-1));
        }
        harness.Job = harness.Job with
        {
            Messages = new() { NewestFirst = true, MostMessages = 3 },
        };

        var report = await harness.RunAsync(Stop);

        Assert.Equal("8 9", string.Join(" ", await NumbersAsync(harness)));
        Assert.Equal(20, Number((await harness.TargetContentAsync()).Folders["Work"].Single()));
        Assert.Equal((12, 3, 9, RunOutcome.Partial), (report.Total.Found, report.Total.Delivered, report.Total.Remaining, report.Outcome));
        Assert.Contains(report.Notices, notice => notice.Contains("9 messages are left for later runs", StringComparison.Ordinal));

        for (var left = 6; left >= 0; left -= 3)
        {
            report = await harness.RunAsync(Stop);
            Assert.Equal((3, left, left), (report.Total.Delivered, report.Total.Remaining, report.LeftForLater));
        }
        Assert.Equal(RunOutcome.Complete, report.Outcome);
        Assert.Equal(Enumerable.Range(0, 10), (await NumbersAsync(harness)).Order());
        Assert.True((await harness.VerifyAsync(Stop)).Identical);
    }

    [Fact]
    public async Task Newest_first_without_a_limit_brings_all_in_one_run()
    {
        await using var harness = await FilledAsync();
        harness.Job = harness.Job with
        {
            Messages = new() { NewestFirst = true, ReceivedAfter = Day(3) },
        };

        var report = await harness.RunAsync(Stop);

        Assert.Equal((7, 3, RunOutcome.Complete), (report.Total.Delivered, report.Total.Skipped, report.Outcome));
        var again = await harness.RunAsync(Stop);
        Assert.Equal((0, 7, 3, RunOutcome.Complete), (again.Total.Delivered, again.Total.AlreadyThere, again.Total.Skipped, again.Outcome));
    }

    [Fact]
    public async Task Large_mailboxes_come_in_portions_of_which_each_is_in_the_order_of_arrival()
    {
        var (source, target) = (new MemoryMailSource(), new MemoryMailSource());
        var (inbox, work) = (source.Add("INBOX"), source.Add("Work", uidValidity: 2));
        for (var number = 0; number < 2000; number++)
            (number % 2 == 0 ? inbox : work).Add(Letter(number), date: s_first.AddHours(number));
        var there = target.Add("INBOX");
        await using var harness = new Harness(servers.Old, servers.New);
        harness.Job = harness.Job with { Messages = new() { NewestFirst = true } };

        var report = await harness.RunAsync(Stop, endpoints: Ends(source, target));

        Assert.Equal((2000, RunOutcome.Complete), (report.Total.Delivered, report.Outcome));
        var dates = there.Messages.Values.Select(message => (int)(message.InternalDate - s_first).TotalHours).ToList();
        Assert.Equal(Enumerable.Range(500, 500).Concat(Enumerable.Range(0, 500)).Select(number => 2 * number), dates);
        Assert.Contains(report.Notices, notice => notice.Contains("newest messages", StringComparison.Ordinal));
    }

    private static MailboxEndpoints Ends(MemoryMailSource source, MemoryMailSource target) =>
        new(
            (_, _) => Task.FromResult<IMailSource>(source.Session()),
            (_, _) => Task.FromResult<IMailTarget>(new MemoryMailTarget(target.Session()))
        );

    [Fact]
    public async Task A_limit_of_bytes_brings_at_least_one_message_a_run()
    {
        await using var harness = await FilledAsync();
        harness.Job = harness.Job with { Messages = new() { MostBytes = 700 } };
        var delivered = new List<long>();
        for (RunReport report; ; )
        {
            report = await harness.RunAsync(Stop);
            delivered.Add(report.Total.Delivered);
            if (report.Outcome == RunOutcome.Complete)
                break;
        }

        // Some 290 bytes each, but the second one has 5,000.
        Assert.Equal([1, 1, 2, 2, 2, 2], delivered);
        Assert.Equal(Enumerable.Range(0, 10), await NumbersAsync(harness));
    }

    [Fact]
    public async Task What_failed_before_does_not_use_up_the_limit()
    {
        var (source, target) = (new MemoryMailSource(), new MemoryMailSource());
        target.Add("INBOX");
        var inbox = source.Add("INBOX");
        for (var number = 0; number < 3; number++)
            inbox.Add(Letter(number), date: s_first.AddDays(number));
        source.Withheld.Add(3);
        await using var harness = new Harness(servers.Old, servers.New);
        harness.Job = harness.Job with
        {
            Messages = new() { NewestFirst = true, MostMessages = 1 },
        };
        var ends = new MailboxEndpoints(
            (_, _) => Task.FromResult<IMailSource>(source),
            (_, _) => Task.FromResult<IMailTarget>(new MemoryMailTarget(target))
        );

        var first = await harness.RunAsync(Stop, endpoints: ends);
        var second = await harness.RunAsync(Stop, endpoints: ends);

        Assert.Equal((0, 1), (first.Total.Delivered, first.Total.Failed));
        Assert.Equal(1, second.Total.Delivered);
    }
}
