using Migrator.Core.Failures;
using Migrator.Core.Mail;
using Migrator.Core.Migrations;
using Migrator.Core.Reports;
using Migrator.Tests.Corpus;
using Migrator.Tests.Servers;
using Xunit;
using static Migrator.Tests.Migrations.Letters;

namespace Migrator.Tests.Migrations;

/// <summary>From and to a server of another make.</summary>
public sealed class CyrusTests(DovecotFixture servers)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whatever_Cyrus_refuses_or_alters_the_run_has_said_before_verify_finds_it()
    {
        await using var cyrus = await CyrusServer.StartAsync("ann");
        await using var harness = new Harness(servers.Old, servers.New);
        harness.Job = harness.Job with { Target = Harness.Server(cyrus.Port, "ann", null) };
        await using (var source = await harness.SourceAsync())
        {
            foreach (var message in OddMessages.All.Where(message => !message.OnDisk))
                await source.AppendAsync("INBOX", message.Bytes, message.Flags, message.Date);
            foreach (var folder in new[] { "Work", "Work/2024", "100%", "日本語", "INBOX/below" })
            {
                await source.CreateAsync(folder);
                await FillAsync(source, folder, 0, 3);
            }
        }

        var report = await harness.RunAsync(Stop);
        var again = await harness.RunAsync(Stop);
        var verified = await harness.VerifyAsync(Stop);

        Assert.True(report.Total.AddsUp);
        Assert.Equal(0, again.Total.Delivered);
        Assert.Equal(["100%"], report.Folders.Where(folder => folder.Failure is not null).Select(folder => folder.Source.ToString()));
        var said = report
            .Failures.Select(failure => failure.Uid)
            .Concat(report.Differences.Select(difference => difference.Uid!.Value))
            .ToHashSet();
        Assert.All(
            verified.Differences.Where(difference => difference.Folder == FolderPath.Inbox),
            difference => Assert.Contains(difference.Uid!.Value, said)
        );
        Assert.Contains(report.Differences, difference => difference.Kind == DifferenceKind.Content);
        Assert.All(report.Failures, failure => Assert.Equal(Reason.AppendRefused.Code, failure.Failure.Code));
        Assert.True(report.Total.Delivered > OddMessages.All.Count / 2);
    }

    [Fact]
    public async Task From_Cyrus_everything_arrives_as_Cyrus_has_it()
    {
        await using var cyrus = await CyrusServer.StartAsync("ann");
        await using var harness = new Harness(servers.Old, servers.New);
        harness.Job = harness.Job with { Source = Harness.Server(cyrus.Port, "ann", null) };
        await using var source = await cyrus.LogInAsync("ann");
        // Without what Dovecot is known to change: it drops a CR before CRLF, and sets a date from the future to now.
        foreach (
            var message in OddMessages.All.Where(message =>
                !message.OnDisk && message.Bytes.AsSpan().IndexOf("\r\r"u8) < 0 && message.Name != "date 2030"
            )
        )
        {
            try
            {
                await source.AppendAsync("INBOX", message.Bytes, message.Flags, message.Date);
            }
            catch (InvalidOperationException)
            {
                // Cyrus refuses some of them; what it takes is enough.
            }
        }
        await source.CreateAsync("INBOX/Work");
        await FillAsync(source, "INBOX/Work", 0, 10);

        var report = await harness.RunAsync(Stop);
        await source.StoreAsync("INBOX/Work", "1:3", "+FLAGS (\\Flagged later)");
        await FillAsync(source, "INBOX/Work", 10, 2);
        var again = await harness.RunAsync(Stop);

        Assert.Empty(report.Differences);
        Assert.Equal((RunOutcome.Complete, 2), (report.Outcome, again.Total.Delivered));
        var (here, there) = (await MailboxContent.ReadAsync(source), await harness.TargetContentAsync());
        Assert.Equal(["INBOX", "Work"], there.Folders.Keys);
        Assert.Equal(here.Folders["INBOX"], there.Folders["INBOX"]);
        Assert.Equal(here.Folders["INBOX/Work"], there.Folders["Work"]);
        Assert.True((await harness.VerifyAsync(Stop)).Identical);
    }

    [Theory]
    [InlineData(100, QuotaVerdict.Fits)]
    [InlineData(20, QuotaVerdict.Exceeded)]
    public async Task A_quota_of_Cyrus_is_compared_with_what_comes(int kibibytes, QuotaVerdict verdict)
    {
        await using var cyrus = await CyrusServer.StartAsync("ann");
        await cyrus.LimitAsync("ann", kibibytes);
        await using var harness = new Harness(servers.Old, servers.New);
        harness.Job = harness.Job with { Target = Harness.Server(cyrus.Port, "ann", null) };
        await using (var source = await harness.SourceAsync())
        {
            await FillAsync(source, "INBOX", 0, 20, size: 2000);
            await source.CreateAsync("Work");
            await FillAsync(source, "Work", 100, 5, size: 2000);
        }

        var check = await harness.CheckAsync(Stop);
        var report = await harness.RunAsync(Stop);

        var quota = Assert.Single(check.Quotas!);
        Assert.Equal((verdict, kibibytes * 1024, 25), (quota.Verdict, quota.Quota.Storage!.Value.Limit, quota.Coming.Messages));
        Assert.Equal(verdict == QuotaVerdict.Exceeded, check.LeavesMessages);
        Assert.Equal(verdict == QuotaVerdict.Exceeded, report.Outcome == RunOutcome.Partial);
        Assert.All(report.Failures, failure => Assert.Equal(Reason.OverQuota.Code, failure.Failure.Code));
    }
}
