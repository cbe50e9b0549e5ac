using System.Text.RegularExpressions;
using Migrator.Core.Folders;
using Migrator.Core.Jobs;
using Migrator.Core.Reports;
using Migrator.Mail.Imap;
using Migrator.Tests.Servers;
using Xunit;
using static Migrator.Tests.Migrations.Letters;

namespace Migrator.Tests.Migrations;

/// <summary>What a second run does.</summary>
public sealed class IncrementalTests(DovecotFixture servers)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Only_new_messages_are_fetched()
    {
        await using var harness = new Harness(servers.Old, servers.New);
        await using var source = await harness.SourceAsync();
        await FillAsync(source, "INBOX", 0, 20);
        await harness.RunAsync(Stop);
        await FillAsync(source, "INBOX", 20, 3);

        var report = await harness.RunAsync(Stop);

        Assert.Equal((23, 3, 20), (report.Total.Found, report.Total.Delivered, report.Total.AlreadyThere));
        Assert.Equal(
            Enumerable.Range(20, 3).Sum(number => Letter(number).Length),
            harness.Progress.Folders.Sum(folder => folder.CapturedBytes)
        );
        (await harness.SourceContentAsync()).ShouldEqual(await harness.TargetContentAsync());
    }

    [Fact]
    public async Task Nothing_new_opens_no_folder()
    {
        await using var harness = new Harness(servers.Old, servers.New);
        await using (var source = await harness.SourceAsync())
            await FillAsync(source, "INBOX", 0, 5);
        await harness.RunAsync(Stop);
        var opened = false;
        await using var proxy = new LoopbackProxy(servers.Old.ImapPort)
        {
            Sees = (_, text) =>
            {
                opened |= text.Contains("EXAMINE", StringComparison.Ordinal);
            },
        };
        // The account is the same one: only the way to it goes through the proxy, where one can look.
        var endpoints = harness.Ends with
        {
            OpenSource = (_, stop) =>
                new ImapConnector(Harness.Server(proxy.Port, harness.SourceUser, null), DovecotServer.Password).OpenSourceAsync(stop),
        };

        var report = await harness.RunAsync(Stop, endpoints: endpoints);

        Assert.False(opened);
        Assert.Equal((5, 0, 5), (report.Total.Found, report.Total.Delivered, report.Total.AlreadyThere));
        Assert.Equal(RunOutcome.Complete, report.Outcome);
    }

    [Fact]
    public async Task Flags_changed_at_the_source_follow_and_those_changed_at_the_target_stay()
    {
        await using var harness = new Harness(servers.Old, servers.New);
        await using var source = await harness.SourceAsync();
        await FillAsync(source, "INBOX", 0, 4);
        await harness.RunAsync(Stop);
        await using (var target = await harness.TargetAsync())
            await target.StoreAsync("INBOX", "2", "+FLAGS (\\Answered TargetsOwn)");
        await source.StoreAsync("INBOX", "2", "+FLAGS (\\Flagged $Later)");
        await source.StoreAsync("INBOX", "3", "-FLAGS (\\Seen)");

        await harness.RunAsync(Stop);

        var messages = (await harness.TargetContentAsync()).Folders["INBOX"];
        Assert.Equal("$Later TargetsOwn \\Answered \\Flagged", messages[1].Flags);
        Assert.Equal("", messages[2].Flags);
    }

    [Fact]
    public async Task Flags_follow_without_mod_sequences_too()
    {
        await using var plain = await DovecotServer.StartAsync(
            new DovecotOptions(Hidden: ["CONDSTORE", "QRESYNC", "LIST-STATUS", "LIST-EXTENDED", "ESEARCH"])
        );
        await using var harness = new Harness(plain, servers.New);
        await using var source = await harness.SourceAsync();
        await FillAsync(source, "INBOX", 0, 4);
        await harness.RunAsync(Stop);
        await source.StoreAsync("INBOX", "1:2", "FLAGS (\\Flagged)");
        await FillAsync(source, "INBOX", 4, 1);

        await harness.RunAsync(Stop);

        (await harness.SourceContentAsync()).ShouldEqual(await harness.TargetContentAsync());
    }

    [Fact]
    public async Task Flags_follow_although_the_source_counts_changes_from_the_start_again()
    {
        await using var proxy = new LoopbackProxy(servers.Old.ImapPort)
        {
            FromServer = text => Regex.Replace(text, "HIGHESTMODSEQ \\d+", "HIGHESTMODSEQ 999999"),
        };
        await using var harness = new Harness(servers.Old, servers.New, proxy.Port, servers.New.ImapPort);
        await using var source = await harness.SourceAsync();
        await FillAsync(source, "INBOX", 0, 4);
        await harness.RunAsync(Stop);
        await source.StoreAsync("INBOX", "2", "+FLAGS (\\Flagged)");
        proxy.FromServer = null;

        await harness.RunAsync(Stop);

        (await harness.SourceContentAsync()).ShouldEqual(await harness.TargetContentAsync());
    }

    [Fact]
    public async Task What_the_source_deletes_stays_at_the_target()
    {
        await using var harness = new Harness(servers.Old, servers.New);
        await using var source = await harness.SourceAsync();
        await FillAsync(source, "INBOX", 0, 4);
        await harness.RunAsync(Stop);
        await source.DeleteAsync("INBOX", "2");

        var report = await harness.RunAsync(Stop);

        Assert.Equal((3, 0, 3), (report.Total.Found, report.Total.Delivered, report.Total.AlreadyThere));
        Assert.Equal(4, (await harness.TargetContentAsync()).Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_the_target_deletes_stays_deleted_and_is_said(bool newMail)
    {
        await using var harness = new Harness(servers.Old, servers.New);
        await using var source = await harness.SourceAsync();
        await FillAsync(source, "INBOX", 0, 5);
        await harness.RunAsync(Stop);
        await using (var target = await harness.TargetAsync())
            await target.DeleteAsync("INBOX", "2:3");
        if (newMail)
            await FillAsync(source, "INBOX", 5, 1);

        var report = await harness.RunAsync(Stop);
        var later = await harness.RunAsync(Stop);

        var delivered = newMail ? 1 : 0;
        Assert.Equal(
            (5 + delivered, 0, 3 + delivered, 2),
            (later.Total.Found, later.Total.Delivered, later.Total.AlreadyThere, later.Total.Vanished)
        );
        Assert.Equal(
            (5 + delivered, delivered, 3, 2),
            (report.Total.Found, report.Total.Delivered, report.Total.AlreadyThere, report.Total.Vanished)
        );
        Assert.Equal(3 + delivered, (await harness.TargetContentAsync()).Count);
        Assert.Contains(
            report.Notices,
            notice => notice.Contains("2 messages delivered before are no longer in INBOX", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task A_renumbered_source_is_recognised_by_content()
    {
        await using var harness = new Harness(servers.Old, servers.New);
        await using (var source = await harness.SourceAsync())
        {
            await FillAsync(source, "INBOX", 0, 10);
            await source.AppendAsync("INBOX", Letter(3), "\\Seen", DateTimeOffset.UnixEpoch.AddDays(10_003));
        }
        await harness.RunAsync(Stop);
        harness.Old.ForgetUids(harness.SourceUser, "INBOX");
        await using (var source = await harness.SourceAsync())
            await FillAsync(source, "INBOX", 100, 1);

        var report = await harness.RunAsync(Stop);

        Assert.Equal((12, 1, 11), (report.Total.Found, report.Total.Delivered, report.Total.AlreadyThere));
        Assert.Equal(12, (await harness.TargetContentAsync()).Count);
        Assert.Contains(report.Notices, notice => notice.Contains("UIDVALIDITY", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_renumbered_target_is_recognised_by_content()
    {
        await using var harness = new Harness(servers.Old, servers.New);
        await using (var source = await harness.SourceAsync())
            await FillAsync(source, "INBOX", 0, 10);
        await harness.RunAsync(Stop);
        harness.New.ForgetUids(harness.TargetUser, "INBOX");

        var report = await harness.RunAsync(Stop);

        Assert.Equal((10, 0, 10), (report.Total.Found, report.Total.Delivered, report.Total.AlreadyThere));
        Assert.Equal(10, (await harness.TargetContentAsync()).Count);
    }

    [Fact]
    public async Task A_target_folder_that_was_removed_is_filled_again()
    {
        await using var harness = new Harness(servers.Old, servers.New);
        await using (var source = await harness.SourceAsync())
        {
            await source.CreateAsync("Work");
            await FillAsync(source, "Work", 0, 6);
        }
        await harness.RunAsync(Stop);
        await using (var target = await harness.TargetAsync())
            await target.RunAsync("DELETE Work");

        var report = await harness.RunAsync(Stop);

        Assert.Equal(6, report.Total.Delivered);
        (await harness.SourceContentAsync()).ShouldEqual(await harness.TargetContentAsync());
    }

    [Fact]
    public async Task A_lost_checkpoint_doubles_nothing()
    {
        await using var harness = new Harness(servers.Old, servers.New);
        await using (var source = await harness.SourceAsync())
        {
            await FillAsync(source, "INBOX", 0, 10);
            // Twins: two at the source, so two at the target, never three.
            await source.AppendAsync("INBOX", Letter(5), "", DateTimeOffset.UnixEpoch.AddDays(10_005));
        }
        await harness.RunAsync(Stop);
        foreach (var file in Directory.GetFiles(harness.State, "checkpoints.db*"))
            File.Delete(file);

        var report = await harness.RunAsync(Stop);

        Assert.Equal((11, 0, 11), (report.Total.Found, report.Total.Delivered, report.Total.AlreadyThere));
        (await harness.SourceContentAsync()).ShouldEqual(await harness.TargetContentAsync());
    }

    [Fact]
    public async Task Another_name_for_a_folder_delivers_it_there()
    {
        await using var harness = new Harness(servers.Old, servers.New);
        await using (var source = await harness.SourceAsync())
        {
            await source.CreateAsync("Work");
            await FillAsync(source, "Work", 0, 3);
        }
        await harness.RunAsync(Stop);
        harness.Job = harness.Job with
        {
            Folders = FolderRules.All with { Rename = new Dictionary<string, string> { ["Work"] = "Labour" } },
        };

        var report = await harness.RunAsync(Stop);

        var content = await harness.TargetContentAsync();
        Assert.Equal(3, report.Total.Delivered);
        Assert.Equal(content.Folders["Work"], content.Folders["Labour"]);
    }

    [Fact]
    public async Task The_spool_is_empty_after_a_run_and_small_spools_do()
    {
        await using var harness = new Harness(servers.Old, servers.New);
        harness.Job = harness.Job with { Options = new RunOptions(2, 1 << 20) };
        await using (var source = await harness.SourceAsync())
            await FillAsync(source, "INBOX", 0, 12, size: 700_000);

        await harness.RunAsync(Stop);

        (await harness.SourceContentAsync()).ShouldEqual(await harness.TargetContentAsync());
        Assert.False(Directory.Exists(harness.SpoolPath));
    }
}
