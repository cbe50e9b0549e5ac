using System.Text;
using Migrator.Core.Reports;
using Migrator.Tests.Migrations;
using Migrator.Tests.Providers.Simulation;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Providers;

/// <summary>Migrations to and from an Exchange that stores messages in its own form: neither bytes nor sizes show that two messages
/// are the same.</summary>
public sealed class ExchangeRewriteTests(DovecotFixture servers)
{
    private const int Sent = 8;

    private static readonly DateTimeOffset s_day = DateTimeOffset.UnixEpoch.AddDays(12_000);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true, false)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    [InlineData(false, true)]
    public async Task Nothing_is_sent_twice_also_without_a_checkpoint_and_verify_says_what_it_compared(bool toExchange, bool eachTime)
    {
        await using var exchange = await ExchangeServer.StartAsync(Rewriting(eachTime));
        await using var harness = Of(exchange, toExchange);
        await FillAsync(harness);

        var first = await harness.RunAsync(Stop);
        var second = await harness.RunAsync(Stop);
        await using (var ann = await harness.SourceAsync())
            await ann.AppendAsync("INBOX", Letters.Letter(99), "\\Seen", s_day.AddDays(99));
        var third = await harness.RunAsync(Stop);
        File.Delete(Path.Combine(harness.State, "checkpoints.db"));
        var fourth = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Complete, (long)Sent, 0L), Of(first));
        Assert.Equal((RunOutcome.Complete, 0L, (long)Sent), Of(second));
        Assert.Equal((RunOutcome.Complete, 1L, (long)Sent), Of(third));
        Assert.Equal((RunOutcome.Complete, 0L, Sent + 1L), Of(fourth));
        Assert.Equal(Sent + 1, (await harness.TargetContentAsync()).Folders["INBOX"].Count);
        Assert.Equal(toExchange, first.Notices.Any(notice => notice.StartsWith("The target stores messages in its own form")));
        Assert.Equal(
            toExchange || eachTime,
            fourth.Notices.Any(notice => notice.Contains("stores messages in its own form: where bytes differ"))
        );
        Assert.DoesNotContain(first.Notices, notice => notice.Contains("RFC822.SIZE"));
        var verified = await harness.VerifyAsync(Stop);
        Assert.Empty(verified.Differences);
        Assert.True(verified.Identical);
        if (toExchange || eachTime)
            Assert.Contains(
                verified.Notices,
                notice =>
                    notice.StartsWith($"INBOX: {Sent + 1} messages have other bytes")
                    && notice.Contains($"Without a Message-ID: {(toExchange ? 1 : 0)}; with that of another message: 3;")
            );
    }

    [Fact]
    public async Task Verify_finds_what_is_missing_and_names_what_came_back_with_another_text()
    {
        await using var exchange = await ExchangeServer.StartAsync(
            Rewriting(eachTime: true) with
            {
                Harms = message =>
                    Encoding.UTF8.GetString(message) is var text && text.Contains("Subject: Letter 2", StringComparison.Ordinal)
                        ? Encoding.UTF8.GetBytes(text.Replace("cccc", "CCCC", StringComparison.Ordinal))
                    : text.Contains("Subject: Letter 3", StringComparison.Ordinal)
                        ? Encoding.UTF8.GetBytes(text.Replace("Letter 3", "Letter three", StringComparison.Ordinal))
                    : null,
            }
        );
        await using var harness = Of(exchange, toExchange: true);
        await FillAsync(harness);
        await using (var ann = await harness.SourceAsync())
            await Letters.FillAsync(ann, "INBOX", 2, 3);

        var report = await harness.RunAsync(Stop);
        await using (var there = await harness.TargetAsync())
            await there.DeleteAsync("INBOX", "1");
        var verified = await harness.VerifyAsync(Stop);

        // The run itself does not call it complete either.
        Assert.Equal(RunOutcome.Partial, report.Outcome);
        Assert.Equal(["Subject", "text"], Differing(report.Differences));
        Assert.False(verified.Identical);
        Assert.Equal(["Subject", "text"], Differing(verified.Differences));
        Assert.Single(verified.Differences, difference => difference.Kind == DifferenceKind.Missing);
    }

    [Fact]
    public async Task What_was_stored_when_the_connection_ended_is_recognized()
    {
        await using var exchange = await ExchangeServer.StartAsync(Rewriting(eachTime: true));
        await using var harness = Of(exchange, toExchange: true);
        await FillAsync(harness);
        var times = 0;
        exchange.ArmAfter("answer lost", command => command.Name == "APPEND" && ++times is 2 or 5 ? ProxyFault.Drop : null);

        var report = await harness.RunAsync(Stop, new Recovery.ImmediateClock());

        Assert.Equal((RunOutcome.Complete, (long)Sent, 0L), Of(report));
        Assert.Equal(Sent, (await harness.TargetContentAsync()).Folders["INBOX"].Count);
        Assert.Empty(report.Differences);
        Assert.Empty((await harness.VerifyAsync(Stop)).Differences);
    }

    [Fact]
    public async Task Flags_are_stored_at_a_server_that_takes_them_only_if_it_may_answer()
    {
        await using var exchange = await ExchangeServer.StartAsync(new ExchangeTraits { RefusesSilentStores = true });
        await using var harness = Of(exchange, toExchange: true);
        await FillAsync(harness);
        await harness.RunAsync(Stop);
        await using (var ann = await harness.SourceAsync())
        {
            await ann.StoreAsync("INBOX", "1", "FLAGS (\\Answered)");
            await ann.StoreAsync("INBOX", "2", "+FLAGS (\\Seen)");
        }

        var report = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Complete, 0L), (report.Outcome, report.Total.Delivered));
        var there = (await harness.TargetContentAsync()).Folders["INBOX"];
        Assert.Equal(["\\Answered", "\\Flagged \\Seen", "\\Seen", "\\Flagged"], there.Take(4).Select(message => message.Flags));
        // Once is enough to know.
        Assert.Equal(2, exchange.Commands.Count(command => command.Rest.First.Contains(".SILENT", StringComparison.OrdinalIgnoreCase)));
    }

    [Fact]
    public async Task A_keyword_that_a_message_gets_later_is_named_as_one_that_it_had()
    {
        await using var exchange = await ExchangeServer.StartAsync();
        await using var harness = Of(exchange, toExchange: true);
        await using var ann = await harness.SourceAsync();
        await ann.AppendAsync("INBOX", Letters.Letter(1), "\\Seen $Forwarded", s_day);
        await ann.AppendAsync("INBOX", Letters.Letter(2), "\\Seen", s_day);
        await harness.RunAsync(Stop);
        await ann.StoreAsync("INBOX", "2", "+FLAGS (\\Answered $Forwarded)");

        foreach (var _ in Enumerable.Range(0, 2))
        {
            var report = await harness.RunAsync(Stop);

            Assert.Equal(
                ["\\Seen", "\\Answered \\Seen"],
                (await harness.TargetContentAsync()).Folders["INBOX"].Select(message => message.Flags)
            );
            Assert.Equal([1u, 2u], report.Differences.Select(difference => difference.Uid!.Value.Value).Order());
            Assert.All(report.Differences, difference => Assert.Equal(DifferenceKind.Flags, difference.Kind));
        }
    }

    private static ExchangeTraits Rewriting(bool eachTime) =>
        new()
        {
            Rewrites = !eachTime,
            RewritesEachTime = eachTime,
            EstimatesSizes = true,
        };

    private Harness Of(ExchangeServer exchange, bool toExchange) =>
        toExchange
            ? new(servers.Old, exchange.Server, servers.Old.ImapPort, exchange.Port)
            : new(exchange.Server, servers.New, exchange.Port, servers.New.ImapPort);

    private static (RunOutcome, long, long) Of(RunReport report) => (report.Outcome, report.Total.Delivered, report.Total.AlreadyThere);

    private static string[] Differing(IEnumerable<Difference> differences) =>
        [
            .. differences
                .Where(difference => difference.Kind == DifferenceKind.Content)
                .Select(difference => difference.Actual.Split("what differs: ")[1])
                .Order(StringComparer.Ordinal),
        ];

    /// <summary>Plain ones, twins, one with the same Message-ID and another text, one without, one with an attachment, HTML and names in
    /// other letters.</summary>
    private static async Task FillAsync(Harness harness)
    {
        await using var ann = await harness.SourceAsync();
        byte[][] messages =
        [
            Letters.Letter(0),
            Letters.Letter(1),
            Letters.Letter(1),
            Encoding.ASCII.GetBytes(Encoding.ASCII.GetString(Letters.Letter(1)).Replace("bbbb", "BBBB", StringComparison.Ordinal)),
            Encoding.ASCII.GetBytes("From: a@example.org\r\nSubject: Nobody's\r\n\r\nNo Message-ID & nothing else.\r\n"),
            Encoding.Latin1.GetBytes(
                "From: =?iso-8859-1?Q?J=FCrgen?= <J@Example.org>\r\nTo: \"Ann, B.\" <ann@example.org>, bob@example.org\r\n"
                    + "Date: Tue, 2 Jan 2024 23:30:00 -0500\r\nMessage-ID: <5@example.org>\r\n"
                    + "Subject: =?utf-8?B?R3LDvMOf?=\r\n =?utf-8?Q?e_aus_K=C3=B6ln?=\r\nMIME-Version: 1.0\r\n"
                    + "Content-Type: text/plain; charset=iso-8859-1\r\n"
                    + "Content-Transfer-Encoding: 8bit\r\n\r\nSch\u00f6ne Gr\u00fc\u00dfe <3\r\n"
            ),
            Encoding.ASCII.GetBytes(
                "From: a@example.org\r\nMessage-ID: <6@example.org>\r\nSubject: A file\r\nMIME-Version: 1.0\r\n"
                    + "Content-Type: multipart/mixed;\r\n boundary=\"one\"\r\n\r\n"
                    + "--one\r\nContent-Type: multipart/alternative; boundary=two\r\n"
                    + "\r\n--two\r\nContent-Type: text/plain\r\n\r\nSee the file.\r\n--two\r\nContent-Type: text/html\r\n\r\n"
                    + "<p>See <b>the</b> file.</p>\r\n--two--\r\n--one\r\nContent-Type: application/pdf\r\n"
                    + "Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=a.pdf\r\n"
                    + "\r\nJVBERi0xLjQKJeLjz9M=\r\n--one--\r\n"
            ),
            Letters.Letter(7, 20_000),
        ];
        foreach (var (message, number) in messages.Select((message, number) => (message, number)))
            await ann.AppendAsync("INBOX", message, number % 2 == 0 ? "\\Seen" : "\\Flagged", s_day.AddDays(number));
    }
}
