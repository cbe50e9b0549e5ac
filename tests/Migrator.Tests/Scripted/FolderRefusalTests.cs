using Migrator.App.Execution;
using Migrator.Core.Failures;
using Migrator.Core.Migrations;
using Migrator.Core.Reports;
using Migrator.Tests.Migrations;
using Migrator.Tests.Recovery;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Scripted;

/// <summary>A server that refuses something about one folder costs that folder, and no other.</summary>
public sealed class FolderRefusalTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_refused_STATUS_costs_nothing_where_the_folder_opens(bool atSource)
    {
        await using var source = Filled("Work", "Later");
        await using var target = Empty();
        target.Folders["Work"] = new ScriptedFolder();
        (atSource ? source : target).Arm(
            "STATUS of Work",
            command => command is { Name: "STATUS", Folder: "Work" } ? "NO internal error" : null
        );
        await using var harness = new Harness(source, target);

        var report = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Complete, 9L), (report.Outcome, report.Total.Delivered));
        Assert.True((await harness.VerifyAsync(Stop)).Identical);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_folder_that_does_not_open_fails_by_its_name_and_the_others_are_copied(bool atSource)
    {
        await using var source = Filled("Work", "Later");
        await using var target = Empty();
        target.Folders["Work"] = new ScriptedFolder();
        (atSource ? source : target).Arm(
            "no opening of Work",
            command => command is { Name: "SELECT" or "EXAMINE", Folder: "Work" } ? "NO mailbox is damaged" : null
        );
        await using var harness = new Harness(source, target);

        var report = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Partial, 6L), (report.Outcome, report.Total.Delivered));
        var failed = Assert.Single(report.Folders, folder => folder.Failure is not null);
        Assert.Equal("Work", failed.Source.ToString());
        Assert.Contains("folder Work", failed.Failure!.Detail);
        Assert.Contains("mailbox is damaged", failed.Failure.Detail);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_folder_that_fails_for_now_each_time_ends_copy_and_verify_with_a_report(bool atSource)
    {
        await using var source = Filled("Work", "Later");
        await using var target = Empty();
        target.Folders["Work"] = new ScriptedFolder();
        (atSource ? source : target).Arm(
            "no opening of Work",
            command => command is { Name: "SELECT" or "EXAMINE", Folder: "Work" } ? "NO [SERVERBUG] Internal error" : null
        );
        await using var harness = new Harness(source, target);

        var report = await harness.RunAsync(Stop, new ImmediateClock());
        var verified = await harness.VerifyAsync(Stop, new ImmediateClock());

        Assert.Equal((RunOutcome.Partial, 6L), (report.Outcome, report.Total.Delivered));
        Assert.Equal("Work", Assert.Single(report.Folders, folder => folder.Failure is not null).Source.ToString());
        Assert.False(verified.Identical);
        Assert.Equal(
            (null, "Work"),
            (verified.Stopped, Assert.Single(verified.Folders, folder => folder.Failure is not null).Target.ToString())
        );
    }

    [Theory]
    [InlineData("NO [NONEXISTENT] no")]
    [InlineData("NO Mailbox doesn't exist: Work")]
    [InlineData("NO No such mailbox")]
    public async Task A_level_that_is_listed_like_a_folder_and_is_none_is_no_failure(string refusal)
    {
        await using var source = Filled("Work/2024");
        await using var target = Empty();
        source.Folders["Work"] = new ScriptedFolder();
        source.Arm("no Work", command => command is { Name: "STATUS" or "SELECT" or "EXAMINE", Folder: "Work" } ? refusal : null);
        await using var harness = new Harness(source, target);

        var report = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Complete, 6L), (report.Outcome, report.Total.Delivered));
        Assert.DoesNotContain(report.Folders, folder => folder.Source.ToString() == "Work");
        Assert.True((await harness.VerifyAsync(Stop)).Identical);
    }

    [Fact]
    public async Task A_level_whose_STATUS_is_answered_and_that_does_not_open_is_no_failure()
    {
        await using var source = Filled("Work/2024");
        await using var target = Empty();
        source.Folders["Work"] = new ScriptedFolder();
        source.Arm("no opening of Work", command => command is { Name: "EXAMINE", Folder: "Work" } ? "NO [NONEXISTENT] no" : null);
        await using var harness = new Harness(source, target);

        Assert.Equal(RunOutcome.Complete, (await harness.RunAsync(Stop)).Outcome);
    }

    [Fact]
    public async Task A_folder_that_is_listed_and_gone_is_a_failure_where_nothing_is_below_it()
    {
        await using var source = Filled("Gone", "Later");
        await using var target = Empty();
        source.Arm("no Gone", command => command is { Name: "STATUS" or "EXAMINE", Folder: "Gone" } ? "NO [NONEXISTENT] no" : null);
        await using var harness = new Harness(source, target);

        var report = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Partial, 6L), (report.Outcome, report.Total.Delivered));
        Assert.Equal(Reason.FolderMissing.Code, Assert.Single(report.Folders, folder => folder.Failure is not null).Failure!.Code);
    }

    [Fact]
    public async Task A_level_at_the_target_that_is_no_folder_becomes_one_where_mail_goes_there()
    {
        await using var source = Filled("Work", "Work/2024");
        await using var target = Empty();
        target.Folders["Work/2024"] = new ScriptedFolder();
        target.Folders["Work"] = new ScriptedFolder();
        var created = false;
        target.Arm(
            "Work is a level until it is created",
            command =>
            {
                if (created || command is not { Folder: "Work", Name: "STATUS" or "SELECT" or "EXAMINE" or "APPEND" or "CREATE" })
                    return null;
                created = command.Name == "CREATE";
                return created ? "OK created" : "NO [NONEXISTENT] no";
            }
        );
        await using var harness = new Harness(source, target);

        var report = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Complete, 3), (report.Outcome, target.Folders["Work"].Messages.Count));
    }

    [Fact]
    public async Task Subscriptions_that_a_server_does_not_list_are_lost_and_that_is_said_once()
    {
        await using var source = Filled("Work", "Later");
        await using var target = Empty();
        source.Arm("LSUB", command => command.Name == "LSUB" ? "NO not here" : null);
        await using var harness = new Harness(source, target);

        var report = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Complete, 9L), (report.Outcome, report.Total.Delivered));
        Assert.Single(report.Notices, notice => notice.Contains("subscri", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Subscriptions_that_the_target_refuses_are_lost_and_that_is_said_once()
    {
        await using var source = Filled("Work", "Later");
        await using var target = Empty();
        target.Arm("SUBSCRIBE", command => command.Name == "SUBSCRIBE" ? "NO not here" : null);
        await using var harness = new Harness(source, target);

        var report = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Complete, 9L), (report.Outcome, report.Total.Delivered));
        Assert.Single(report.Notices, notice => notice.Contains("subscribing to", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("NO try again", "IMAP4rev1 NAMESPACE UIDPLUS", false)]
    [InlineData("BAD what?", "IMAP4rev1 NAMESPACE UIDPLUS LIST-EXTENDED LIST-STATUS", false)]
    [InlineData("NO not like that", "IMAP4rev1 NAMESPACE UIDPLUS LIST-EXTENDED LIST-STATUS", true)]
    public async Task A_listing_that_is_refused_is_asked_for_again_and_without_extensions(string refusal, string capabilities, bool always)
    {
        var refused = false;
        await using var source = Filled("Work");
        await using var target = Empty();
        source.Capabilities = capabilities;
        source.Arm(
            "LIST",
            command =>
                command.Name == "LIST"
                && command.Arguments.Contains('*', StringComparison.Ordinal)
                && (always ? command.Arguments.Contains("RETURN", StringComparison.Ordinal) : !refused)
                && (refused = true)
                    ? refusal
                    : null
        );
        await using var harness = new Harness(source, target);

        var report = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Complete, 6L), (report.Outcome, report.Total.Delivered));
    }

    [Fact]
    public async Task What_is_created_and_not_listed_fails_by_its_name()
    {
        await using var source = Filled("Work", "Work/Deep", "Later");
        await using var target = Empty();
        target.Arm(
            "created in words",
            command => command.Name == "CREATE" && command.Folder!.StartsWith("Work", StringComparison.Ordinal) ? "OK created" : null
        );
        await using var harness = new Harness(source, target);

        var report = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Partial, 6L), (report.Outcome, report.Total.Delivered));
        Assert.Equal(
            ["Work", "Work/Deep"],
            report.Folders.Where(folder => folder.Failure is not null).Select(folder => folder.Source.ToString()).Order()
        );
        Assert.All(
            report.Folders,
            folder => Assert.True(folder.Failure is null || folder.Failure.Detail.Contains("does not list it", StringComparison.Ordinal))
        );
    }

    [Fact]
    public async Task A_refused_creation_names_the_folder_that_was_to_be_created()
    {
        await using var source = Filled("Work");
        await using var target = Empty();
        target.Arm("CREATE", command => command.Name == "CREATE" ? "NO you may not" : null);
        await using var harness = new Harness(source, target);
        harness.Job = harness.Job with { Options = harness.Job.Options with { Connections = 1 } };

        var report = await harness.RunAsync(Stop);

        var failure = Assert.Single(report.Folders, folder => folder.Failure is not null).Failure!;
        Assert.Contains("creating folder Work", failure.Detail);
        Assert.DoesNotContain("INBOX", failure.Detail);
    }

    [Fact]
    public async Task Folders_above_others_are_created_before_session_pairs_begin()
    {
        await using var source = Filled("Work", "Work/2024", "Work/2024/Q1");
        await using var target = Empty();
        await using var harness = new Harness(source, target);

        Assert.Equal(RunOutcome.Complete, (await harness.RunAsync(Stop)).Outcome);

        var created = target.Commands.Where(command => command.Name == "CREATE").ToList();
        Assert.Equal(["Work", "Work/2024", "Work/2024/Q1"], created.Select(command => command.Folder));
        Assert.All(created.Take(2), command => Assert.Equal(1, command.Session.Number));
    }

    private static ScriptedImap Empty() => new() { Capabilities = "IMAP4rev1 LITERAL+ UIDPLUS MULTIAPPEND NAMESPACE UNSELECT CHILDREN" };

    /// <summary>Three messages in INBOX and in each of these.</summary>
    private static ScriptedImap Filled(params string[] folders)
    {
        var server = Empty();
        foreach (var (index, name) in folders.Prepend("INBOX").Index())
        {
            server.Folders.TryAdd(name, new ScriptedFolder());
            server.Folders[name].Fill(3, 10 * index);
        }
        return server;
    }
}
