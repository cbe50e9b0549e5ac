using Migrator.Core.Folders;
using Migrator.Core.Migrations;
using Migrator.Core.Reports;
using Migrator.Mail.Imap;
using Migrator.Tests.Servers;
using Xunit;
using static Migrator.Tests.Migrations.Letters;

namespace Migrator.Tests.Migrations;

/// <summary>What a check foretells is what the run then does, and a check changes nothing.</summary>
public sealed class PreflightTests(DovecotFixture servers)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_first_run_does_what_was_foretold()
    {
        await using var harness = new Harness(servers.Old, servers.New);
        await using (var source = await harness.SourceAsync())
        {
            await FillAsync(source, "INBOX", 0, 30);
            await source.CreateAsync("Work/Öffentlich");
            await FillAsync(source, "Work/Öffentlich", 100, 7, size: 5000);
            await source.CreateAsync("Junk");
            await FillAsync(source, "Junk", 200, 4);
        }
        // Two that another program has brought, and one that is somebody else's.
        await using (var target = await harness.TargetAsync())
        {
            await FillAsync(target, "INBOX", 3, 2);
            await FillAsync(target, "INBOX", 900, 1);
        }
        harness.Job = harness.Job with { Folders = FolderRules.All with { Exclude = ["Junk"] } };

        var before = await harness.TargetContentAsync();
        var check = await harness.CheckAsync(Stop);
        var after = await harness.TargetContentAsync();
        Assert.Empty(Directory.GetFileSystemEntries(harness.State));
        var report = await harness.RunAsync(Stop);

        after.ShouldEqual(before);
        check.ShouldForetell(report);
        var inbox = check.Folders.Single(folder => folder.Source.IsInbox);
        Assert.Equal((30, 3, true), (inbox.ToCopy.Messages, inbox.MayBeThere, inbox.Exists));
        var work = check.Folders.Single(folder => folder.Source.Name == "Öffentlich");
        Assert.Equal((7, 0, false), (work.ToCopy.Messages, work.MayBeThere, work.Exists));
        Assert.Equal(Enumerable.Range(100, 7).Sum(number => Letter(number, 5000).Length), work.ToCopy.Bytes);
        Assert.Equal(4, Assert.Single(check.Plan.Excluded).State!.Value.Count);
        Assert.Equal((35, 2), (report.Total.Delivered, report.Total.AlreadyThere));
    }

    [Fact]
    public async Task A_second_run_does_what_was_foretold()
    {
        await using var harness = new Harness(servers.Old, servers.New);
        await using var source = await harness.SourceAsync();
        await FillAsync(source, "INBOX", 0, 20);
        foreach (var (folder, from) in new[] { ("Same", 100), ("Gone", 200), ("Cleared", 300) })
        {
            await source.CreateAsync(folder);
            await FillAsync(source, folder, from, 5);
        }
        await harness.RunAsync(Stop);
        await FillAsync(source, "INBOX", 20, 3, size: 900);
        await source.DeleteAsync("INBOX", "1:2");
        await source.RunAsync("DELETE Gone");
        await source.CreateAsync("New");
        await FillAsync(source, "New", 400, 2);
        await using (var target = await harness.TargetAsync())
        {
            await target.DeleteAsync("INBOX", "5");
            await target.RunAsync("DELETE Cleared");
        }

        var check = await harness.CheckAsync(Stop);
        var report = await harness.RunAsync(Stop);
        var again = await harness.CheckAsync(Stop);
        var third = await harness.RunAsync(Stop);

        check.ShouldForetell(report);
        again.ShouldForetell(third);
        var inbox = check.Folders.Single(folder => folder.Source.IsInbox);
        Assert.Equal((21, 3, 17, 1), (inbox.Listed, inbox.ToCopy.Messages, inbox.Copied.Messages, inbox.RemovedAtTarget));
        // Its target folder is gone: all of it is brought again.
        Assert.Equal(5, check.Folders.Single(folder => folder.Source.Name == "Cleared").ToCopy.Messages);
        Assert.Equal(5, check.Folders.Single(folder => folder.Source.Name == "Same").Copied.Messages);
        Assert.Equal(0, again.Folders.Sum(folder => folder.ToCopy.Messages));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_run_after_a_folder_was_recreated_does_what_was_foretold(bool atSource)
    {
        await using var harness = new Harness(servers.Old, servers.New);
        await using var source = await harness.SourceAsync();
        await source.CreateAsync("Work");
        await FillAsync(source, "Work", 0, 12);
        await harness.RunAsync(Stop);
        await using (var recreated = atSource ? await harness.SourceAsync() : await harness.TargetAsync())
        {
            await recreated.RunAsync("DELETE Work");
            await recreated.CreateAsync("Work");
            await FillAsync(recreated, "Work", 2, atSource ? 15 : 6);
        }

        var check = await harness.CheckAsync(Stop);
        var report = await harness.RunAsync(Stop);

        check.ShouldForetell(report);
        var work = check.Folders.Single(folder => folder.Source.Name == "Work");
        Assert.Equal(atSource ? (15, 0, 12) : (12, 0, 6), (work.ToCopy.Messages, work.Copied.Messages, work.MayBeThere));
        Assert.Contains(check.Notices, notice => notice.Contains(atSource ? "renumbered" : "recreated", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_run_after_an_interrupted_one_does_what_was_foretold()
    {
        await using var harness = new Harness(servers.Old, servers.New);
        await using (var source = await harness.SourceAsync())
            await FillAsync(source, "INBOX", 0, 450);
        using var interrupted = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var appends = 0;
        await using var proxy = new LoopbackProxy(servers.New.ImapPort)
        {
            Sees = (fromServer, text) =>
            {
                if (fromServer && text.Contains("APPENDUID", StringComparison.Ordinal) && Interlocked.Increment(ref appends) == 1)
                    interrupted.Cancel();
            },
        };
        // The account is the same one: only the way to it goes through the proxy.
        var target = new ImapConnector(Harness.Server(proxy.Port, harness.TargetUser, null), DovecotServer.Password);
        var endpoints = harness.Ends with { OpenTarget = target.OpenTargetAsync };

        var first = await harness.RunAsync(interrupted.Token, endpoints: endpoints);
        var check = await harness.CheckAsync(Stop);
        var second = await harness.RunAsync(Stop);

        Assert.Equal(RunOutcome.Interrupted, first.Outcome);
        check.ShouldForetell(second);
        var inbox = check.Folders.Single(folder => folder.Source.IsInbox);
        Assert.Equal(450, inbox.Copied.Messages + inbox.ToCopy.Messages);
        Assert.InRange(inbox.ToCopy.Messages, 1, 449);
        Assert.Equal(450, (await harness.TargetContentAsync()).Count);
    }

    [Theory]
    [InlineData(100_000, QuotaVerdict.Fits)]
    [InlineData(20_000, QuotaVerdict.Exceeded)]
    public async Task A_quota_is_compared_with_what_comes(int bytes, QuotaVerdict verdict)
    {
        await using var target = await DovecotServer.StartAsync(new DovecotOptions(QuotaStorage: bytes));
        await using var harness = new Harness(servers.Old, target);
        await using (var source = await harness.SourceAsync())
        {
            await FillAsync(source, "INBOX", 0, 20, size: 2000);
            await source.CreateAsync("Work");
            await FillAsync(source, "Work", 100, 5, size: 2000);
        }

        var check = await harness.CheckAsync(Stop);
        var report = await harness.RunAsync(Stop);

        var quota = Assert.Single(check.Quotas!);
        Assert.Equal((verdict, "User quota", 25), (quota.Verdict, quota.Quota.Root, quota.Coming.Messages));
        Assert.InRange(quota.Quota.Storage!.Value.Limit, bytes - 1024, bytes + 1024);
        Assert.Equal(check.Folders.Sum(folder => folder.ToCopy.Bytes), quota.Coming.Bytes);
        Assert.Equal(verdict == QuotaVerdict.Exceeded, report.Outcome == RunOutcome.Partial);
        Assert.Equal(report.Outcome != RunOutcome.Complete, check.LeavesMessages);
    }

    [Fact]
    public async Task Messages_that_are_too_large_are_foretold()
    {
        await using var target = await DovecotServer.StartAsync(new DovecotOptions(MaxMailSize: 10_000, AnnounceAppendLimit: true));
        await using var harness = new Harness(servers.Old, target);
        await using (var source = await harness.SourceAsync())
        {
            await FillAsync(source, "INBOX", 0, 3);
            await FillAsync(source, "INBOX", 10, 7, size: 15_000);
            await FillAsync(source, "INBOX", 20, 1, size: 30_000);
        }

        var check = await harness.CheckAsync(Stop);
        var report = await harness.RunAsync(Stop);

        check.ShouldForetell(report);
        var inbox = check.Folders.Single(folder => folder.Source.IsInbox);
        Assert.Equal((3, 8, 10_000), (inbox.ToCopy.Messages, inbox.TooLarge.Messages, check.Traits.MaxSize));
        Assert.Equal([4u, 5, 6, 7, 8], inbox.FirstTooLarge.Select(message => message.Uid));
        Assert.Null(check.Quotas);
    }
}
