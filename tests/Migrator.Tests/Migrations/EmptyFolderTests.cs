using Migrator.Core.Folders;
using Migrator.Core.Reports;
using Migrator.Tests.Servers;
using Xunit;
using static Migrator.Tests.Migrations.Letters;

namespace Migrator.Tests.Migrations;

/// <summary>Folders without messages are created, or not, as the job says.</summary>
public sealed class EmptyFolderTests(DovecotFixture servers)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task They_are_left_out_and_named_but_for_those_above_mail()
    {
        await using var old = await DovecotServer.StartAsync(new DovecotOptions(Format: "sdbox"));
        await using var harness = new Harness(old, servers.New);
        await ArrangeAsync(harness);

        var check = await harness.CheckAsync(Stop);
        var report = await harness.RunAsync(Stop);
        var verified = await harness.VerifyAsync(Stop);

        Assert.Equal(["INBOX", "Parent", "Parent/Child", "There"], (await harness.TargetContentAsync()).Folders.Keys);
        const string notice = "2 empty folders are not created at the target, as folders.emptyFolders says: Bare, Bare/Below.";
        Assert.All([check.Notices, report.Notices, verified.Notices], notices => Assert.Contains(notice, notices));
        Assert.Equal(report.Folders.Select(folder => folder.Source), check.Folders.Select(folder => folder.Source));
        Assert.Equal((RunOutcome.Complete, 4), (report.Outcome, report.Total.Delivered));
        Assert.True(verified.Identical);
    }

    [Fact]
    public async Task Each_comes_with_a_later_run_once_it_has_mail_and_one_that_was_emptied_stays()
    {
        await using var old = await DovecotServer.StartAsync(new DovecotOptions(Format: "sdbox"));
        await using var harness = new Harness(old, servers.New);
        await ArrangeAsync(harness);
        await harness.RunAsync(Stop);
        await using (var source = await harness.SourceAsync())
        {
            await FillAsync(source, "Bare/Below", 0, 2);
            await source.RunAsync("SELECT Parent/Child");
            await source.RunAsync("STORE 1:* +FLAGS (\\Deleted)");
            await source.RunAsync("EXPUNGE");
        }

        var report = await harness.RunAsync(Stop);

        var there = await harness.TargetContentAsync();
        Assert.Equal(["Bare", "Bare/Below", "INBOX", "Parent", "Parent/Child", "There"], there.Folders.Keys);
        Assert.Equal((2, 2), (there.Folders["Bare/Below"].Count, there.Folders["Parent/Child"].Count));
        Assert.Equal((RunOutcome.Complete, 2), (report.Outcome, report.Total.Delivered));
    }

    [Fact]
    public async Task Without_the_rule_all_are_created()
    {
        await using var old = await DovecotServer.StartAsync(new DovecotOptions(Format: "sdbox"));
        await using var harness = new Harness(old, servers.New);
        await ArrangeAsync(harness);
        harness.Job = harness.Job with { Folders = FolderRules.All };

        await harness.RunAsync(Stop);

        Assert.Equal(["Bare", "Bare/Below", "INBOX", "Parent", "Parent/Child", "There"], (await harness.TargetContentAsync()).Folders.Keys);
    }

    [Fact]
    public async Task What_the_server_calls_empty_and_lists_messages_of_is_copied()
    {
        await using var source = new ScriptedImap { Capabilities = "IMAP4rev1 NAMESPACE" };
        await using var target = new ScriptedImap();
        await using var harness = new Harness(source, target);
        harness.Job = harness.Job with { Folders = FolderRules.All with { CreateEmpty = false } };
        foreach (var name in new[] { "Bare", "Denied", "Work" })
            source.Folders[name] = new ScriptedFolder();
        source.Folders["Work"].Fill(3);
        source.Arm(
            "empty",
            command =>
            {
                if (command.Name == "STATUS" && command.Arguments.Contains("Work", StringComparison.Ordinal))
                {
                    command.Session.Say($"* STATUS Work (MESSAGES 0 UIDNEXT 1 UIDVALIDITY {source.Folders["Work"].UidValidity})");
                    return "OK done";
                }
                return command.Name is "SELECT" or "EXAMINE" && command.Arguments.Contains("Denied", StringComparison.Ordinal)
                    ? "NO not now"
                    : null;
            }
        );

        var report = await harness.RunAsync(Stop, new Recovery.ImmediateClock());

        Assert.Null(report.Stopped);
        Assert.Equal(3, target.Folders["Work"].Messages.Count);
        Assert.DoesNotContain("Bare", target.Folders.Keys);
        Assert.Equal(["Denied"], report.Folders.Where(folder => folder.Failure is not null).Select(folder => folder.Source.ToString()));
        Assert.Equal(RunOutcome.Partial, report.Outcome);
    }

    /// <summary>Two messages in INBOX and in Parent/Child, none in the others, of which the target has one.</summary>
    private static async Task ArrangeAsync(Harness harness)
    {
        harness.Job = harness.Job with { Folders = FolderRules.All with { CreateEmpty = false } };
        await using (var target = await harness.TargetAsync())
            await target.CreateAsync("There");
        await using var source = await harness.SourceAsync();
        await FillAsync(source, "INBOX", 0, 2);
        foreach (var folder in new[] { "Bare", "Bare/Below", "Parent", "Parent/Child", "There" })
            await source.CreateAsync(folder);
        await FillAsync(source, "Parent/Child", 0, 2);
    }
}
