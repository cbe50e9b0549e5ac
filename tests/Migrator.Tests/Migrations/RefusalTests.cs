using System.Text.RegularExpressions;
using Migrator.Core.Failures;
using Migrator.Core.Reports;
using Migrator.Tests.Servers;
using Xunit;
using static Migrator.Tests.Migrations.Letters;

namespace Migrator.Tests.Migrations;

/// <summary>Servers that refuse some of what they are asked for: the rest is copied.</summary>
public sealed partial class RefusalTests(DovecotFixture servers)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("BODY[] NIL")]
    [InlineData("BODY[] \"\"")]
    [InlineData("")]
    public async Task A_message_that_the_source_returns_as_nothing_is_not_copied_as_an_empty_one(string given)
    {
        await using var proxy = new LoopbackProxy(servers.Old.ImapPort) { FromServer = text => Damaged().Replace(text, $"$1{given})") };
        await using var harness = new Harness(servers.Old, servers.New, proxy.Port, servers.New.ImapPort);
        await using (var source = await harness.SourceAsync())
        {
            await FillAsync(source, "INBOX", 0, 2);
            await source.AppendAsync("INBOX", "Subject: damaged\r\n\r\nbody\r\n"u8.ToArray());
            await FillAsync(source, "INBOX", 2, 2);
        }

        var report = await harness.RunAsync(Stop);
        var verified = await harness.VerifyAsync(Stop);

        Assert.Equal((5, 4), (report.Total.Found, report.Total.Delivered));
        Assert.Equal((3u, Reason.SourceUnreadable.Code), (Assert.Single(report.Failures).Uid, report.Failures[0].Failure.Code));
        Assert.Equal(4, (await harness.TargetContentAsync()).Count);
        Assert.Equal((DifferenceKind.Missing, 3u), (Assert.Single(verified.Differences).Kind, verified.Differences[0].Uid!.Value));
    }

    [Theory]
    [InlineData("RFC822.SIZE")]
    [InlineData("BODY.PEEK[]")]
    public async Task A_message_of_which_the_source_gives_nothing_fails_alone(string item)
    {
        await using var proxy = new LoopbackProxy(servers.Old.ImapPort) { FromClient = text => RefuseFetch(text, item, uid: 3) };
        await using var harness = new Harness(servers.Old, servers.New, proxy.Port, servers.New.ImapPort);
        await using (var source = await harness.SourceAsync())
            await FillAsync(source, "INBOX", 0, 9);

        for (var run = 0; run < 2; run++)
        {
            var report = await harness.RunAsync(Stop);

            Assert.Equal((9, 8, 1), (report.Total.Found, report.Total.Delivered + report.Total.AlreadyThere, report.Total.Failed));
            Assert.Equal((3u, Reason.SourceUnreadable.Code), (Assert.Single(report.Failures).Uid, report.Failures[0].Failure.Code));
            Assert.All(report.Folders, folder => Assert.Null(folder.Failure));
        }
    }

    [Theory]
    [InlineData("RFC822.SIZE")]
    [InlineData("BODY.PEEK[]")]
    public async Task A_strangers_message_that_the_target_does_not_give_out_stands_in_nobodys_way(string item)
    {
        await using var proxy = new LoopbackProxy(servers.New.ImapPort) { FromClient = text => RefuseFetch(text, item, uid: 2) };
        await using var harness = new Harness(servers.Old, servers.New, servers.Old.ImapPort, proxy.Port);
        await using (var source = await harness.SourceAsync())
            await FillAsync(source, "INBOX", 0, 6);
        await using (var target = await harness.TargetAsync())
            await FillAsync(target, "INBOX", 0, 3);

        var report = await harness.RunAsync(Stop);

        Assert.Equal(
            (RunOutcome.Complete, 6, 4, 2),
            (report.Outcome, report.Total.Found, report.Total.Delivered, report.Total.AlreadyThere)
        );
    }

    [Fact]
    public async Task A_flag_that_the_target_refuses_costs_the_flag_and_is_reported()
    {
        await using var proxy = new LoopbackProxy(servers.New.ImapPort)
        {
            FromClient = text =>
                text.Contains("Fancy", StringComparison.Ordinal) ? text.Replace("UID STORE", "UID STARE", StringComparison.Ordinal) : text,
        };
        await using var harness = new Harness(servers.Old, servers.New, servers.Old.ImapPort, proxy.Port);
        await using var source = await harness.SourceAsync();
        await FillAsync(source, "INBOX", 0, 3);
        await harness.RunAsync(Stop);
        await source.StoreAsync("INBOX", "2", "+FLAGS (\\Flagged Fancy)");
        await FillAsync(source, "INBOX", 3, 1);

        var report = await harness.RunAsync(Stop);

        Assert.Equal((1, 3), (report.Total.Delivered, report.Total.AlreadyThere));
        Assert.Equal((DifferenceKind.Flags, 2u), (Assert.Single(report.Differences).Kind, report.Differences[0].Uid!.Value));
        Assert.Equal("\\Flagged", (await harness.TargetContentAsync()).Folders["INBOX"][1].Flags);
    }

    [Fact]
    public async Task A_full_target_takes_what_fits_and_the_rest_when_there_is_room()
    {
        await using var target = await DovecotServer.StartAsync(new DovecotOptions(QuotaMessages: 5));
        await using var harness = new Harness(servers.Old, target);
        await using (var source = await harness.SourceAsync())
            await FillAsync(source, "INBOX", 0, 8);

        var full = await harness.RunAsync(Stop);
        await using (var imap = await harness.TargetAsync())
            await imap.DeleteAsync("INBOX", "1:4");
        var roomy = await harness.RunAsync(Stop);

        Assert.Equal(RunOutcome.Partial, full.Outcome);
        Assert.Equal((8, 5, 3), (full.Total.Found, full.Total.Delivered, full.Total.Failed));
        Assert.All(full.Failures, failure => Assert.Equal(Reason.OverQuota.Code, failure.Failure.Code));
        Assert.All(full.Failures, failure => Assert.StartsWith("Letter ", failure.Subject));
        Assert.Equal((3, 1, 4), (roomy.Total.Delivered, roomy.Total.AlreadyThere, roomy.Total.Vanished));
        Assert.Equal(RunOutcome.Complete, roomy.Outcome);
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task A_message_over_the_limit_fails_alone(bool announced, bool multiAppend)
    {
        await using var target = await DovecotServer.StartAsync(
            new DovecotOptions(MaxMailSize: 10_000, AnnounceAppendLimit: announced, Hidden: multiAppend ? [] : ["MULTIAPPEND"])
        );
        await using var harness = new Harness(servers.Old, target);
        await using (var source = await harness.SourceAsync())
        {
            await FillAsync(source, "INBOX", 0, 5);
            await FillAsync(source, "INBOX", 5, 1, size: 12_000);
            await FillAsync(source, "INBOX", 6, 1, size: 50_000);
            await FillAsync(source, "INBOX", 7, 5);
        }

        var report = await harness.RunAsync(Stop);

        Assert.Equal((12, 10, 2), (report.Total.Found, report.Total.Delivered, report.Total.Failed));
        Assert.Equal([6u, 7u], report.Failures.Select(failure => failure.Uid).Order());
        if (announced)
            Assert.All(report.Failures, failure => Assert.Equal(Reason.TooLarge.Code, failure.Failure.Code));
        Assert.Equal(10, (await harness.TargetContentAsync()).Count);
    }

    [Fact]
    public async Task A_keyword_that_the_target_refuses_costs_the_keyword_and_is_reported()
    {
        // PERMANENTFLAGS without \* is how a server says that it has no room for another keyword.
        await using var proxy = new LoopbackProxy(servers.New.ImapPort)
        {
            FromServer = text => text.Replace(" \\*)]", ")]", StringComparison.Ordinal),
        };
        await using var harness = new Harness(servers.Old, servers.New, servers.Old.ImapPort, proxy.Port);
        await using (var source = await harness.SourceAsync())
        {
            await source.AppendAsync("INBOX", Letter(1), "\\Seen Fancy");
            await source.AppendAsync("INBOX", Letter(2), "\\Seen");
        }

        var report = await harness.RunAsync(Stop);

        Assert.Equal(2, report.Total.Delivered);
        var difference = Assert.Single(report.Differences);
        Assert.Equal((DifferenceKind.Flags, "Fancy \\Seen", "\\Seen"), (difference.Kind, difference.Expected, difference.Actual));
        Assert.Contains(DifferenceKind.Flags, (await harness.VerifyAsync(Stop)).Differences.Select(found => found.Kind));
    }

    /// <summary>Makes a command that fetches this of a message one that the server refuses.</summary>
    private static string RefuseFetch(string text, string item, int uid) =>
        Fetch()
            .Replace(
                text,
                match =>
                    match.Value.Contains(item, StringComparison.Ordinal)
                    && match
                        .Groups["set"]
                        .Value.Split(',')
                        .Select(range => range.Split(':').Select(int.Parse).ToList())
                        .Any(range => range[0] <= uid && uid <= range[^1])
                        ? match.Value.Replace("FETCH", "FATCH", StringComparison.Ordinal)
                        : match.Value
            );

    [GeneratedRegex(@"(UID 3 )BODY\[\] \{\d+\}\r\nSubject: damaged\r\n\r\nbody\r\n\)")]
    private static partial Regex Damaged();

    [GeneratedRegex(@"UID FETCH (?<set>[\d:,]+) \([^\r]*")]
    private static partial Regex Fetch();
}
