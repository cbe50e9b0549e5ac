using System.Text;
using Migrator.App.Formatting;
using Migrator.Core.Failures;
using Migrator.Core.Folders;
using Migrator.Core.Following;
using Migrator.Core.Mail;
using Migrator.Core.Plans;
using Migrator.Core.Reports;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Xunit;
using static Migrator.Tests.Migrations.Letters;

namespace Migrator.Tests.Plans;

/// <summary>A run that is given a plan does what the plan says, no more, and leaves alone what is no longer as it was.</summary>
public sealed class PlanTests(DovecotFixture servers)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_first_run_does_what_was_planned()
    {
        await using var harness = await FilledAsync();

        var plan = await PlanAsync(harness);
        var report = await RunAsync(harness, plan);

        var inbox = plan.Folders.Single(folder => folder.Source.IsInbox);
        Assert.Equal(("1:10", 10L, ""), (inbox.Deliver.ToString(), inbox.Messages, inbox.Flags.ToString()));
        Assert.False(plan.Folders.Single(folder => folder.Source.Name == "Work").TargetUidValidity.IsKnown);
        Assert.Equal((RunOutcome.Complete, 13), (report.Outcome, report.Total.Delivered));
        await ShouldBeTheSameAsync(harness);
        // What is done already is no drift.
        var again = await RunAsync(harness, plan);
        Assert.Equal((RunOutcome.Complete, 0), (again.Outcome, again.Total.Delivered));
        await PlainAsync(harness, RunOutcome.Complete);
    }

    [Fact]
    public async Task What_arrives_after_the_plan_is_left_for_a_later_run()
    {
        await using var harness = await FilledAsync();
        var plan = await PlanAsync(harness);
        await using (var source = await harness.SourceAsync())
        {
            await FillAsync(source, "INBOX", 50, 4);
            await source.CreateAsync("Later");
            await FillAsync(source, "Later", 60, 2);
        }

        var report = await RunAsync(harness, plan);

        Assert.Equal((RunOutcome.Partial, 13, 6), (report.Outcome, report.Total.Delivered, report.LeftForLater));
        Assert.Contains("4 messages are not in the plan, and left for later runs.", report.Notices);
        Assert.Contains("Later: not in the plan, and left for later runs.", report.Notices);
        Assert.Contains("6 messages left for later runs", Verdict.Of(report).Headline);
        var there = await harness.TargetContentAsync();
        Assert.Equal(10, there.Folders["INBOX"].Count);
        Assert.DoesNotContain("Later", there.Folders.Keys);
        await PlainAsync(harness, RunOutcome.Complete);
        await ShouldBeTheSameAsync(harness);
    }

    [Theory]
    [InlineData(11, 5, true)]
    [InlineData(10, 5, false)]
    [InlineData(11, 100, true)]
    [InlineData(1, 0, true)]
    public async Task Beyond_the_accepted_drift_a_folder_is_left_alone_and_the_others_are_carried_out(int arrived, int percent, bool isLeft)
    {
        await using var harness = await FilledAsync();
        var plan = await PlanAsync(harness);
        await using (var source = await harness.SourceAsync())
            await FillAsync(source, "INBOX", 50, arrived);

        var report = await RunAsync(harness, plan, percent);

        Assert.Equal(RunOutcome.Partial, report.Outcome);
        Assert.Equal(isLeft ? 3 : 13, report.Total.Delivered);
        var failure = report.Folders.Single(folder => folder.Source.IsInbox).Failure;
        Assert.Equal(isLeft ? Reason.PlanDrifted.Code : null, failure?.Code);
        if (isLeft)
            Assert.Contains(
                $"{arrived} message{(arrived == 1 ? " has" : "s have")} arrived and 0 planned messages have gone",
                failure!.Detail
            );
        await PlainAsync(harness, RunOutcome.Complete);
        await ShouldBeTheSameAsync(harness);
    }

    [Fact]
    public async Task Planned_messages_that_have_gone_count_as_drift()
    {
        await using var harness = await FilledAsync();
        var plan = await PlanAsync(harness);
        await using (var source = await harness.SourceAsync())
            await source.DeleteAsync("INBOX", "2:3");

        var strict = await RunAsync(harness, plan, percent: 0);
        var report = await RunAsync(harness, plan);

        Assert.Contains("2 planned messages have gone", strict.Folders[0].Failure!.Detail);
        Assert.Equal((RunOutcome.Complete, 8), (report.Outcome, report.Total.Delivered));
        await ShouldBeTheSameAsync(harness);
    }

    [Theory]
    [InlineData("source")]
    [InlineData("target")]
    [InlineData("place")]
    [InlineData("gone")]
    public async Task A_folder_that_is_another_one_by_now_is_left_alone(string what)
    {
        await using var harness = await FilledAsync();
        await using var source = await harness.SourceAsync();
        await using var target = await harness.TargetAsync();
        await target.CreateAsync("Work");
        var plan = await PlanAsync(harness);
        if (what == "source")
        {
            await source.RunAsync("DELETE Work");
            await source.CreateAsync("Work");
            await FillAsync(source, "Work", 20, 3);
        }
        else if (what == "target")
        {
            await target.RunAsync("DELETE Work");
            await target.CreateAsync("Work");
        }
        else if (what == "place")
            harness.Job = harness.Job with
            {
                Folders = FolderRules.All with { Rename = new Dictionary<string, string> { ["Work"] = "Elsewhere" } },
            };
        else
            await source.RunAsync("DELETE Work");

        var report = await RunAsync(harness, plan);

        Assert.Equal((RunOutcome.Partial, 10), (report.Outcome, report.Total.Delivered));
        var failure = what == "gone" ? report.Problems.Single() : report.Folders.Single(folder => folder.Source.Name == "Work").Failure!;
        Assert.Equal(Reason.PlanDrifted.Code, failure.Code);
        var there = await harness.TargetContentAsync();
        Assert.Empty(there.Folders["Work"]);
        Assert.DoesNotContain("Elsewhere", there.Folders.Keys);
        if (what != "gone")
            await PlainAsync(harness, RunOutcome.Complete);
    }

    [Theory]
    [InlineData]
    [InlineData("CONDSTORE", "QRESYNC")]
    public async Task Flags_that_change_after_the_plan_come_with_a_later_run(params string[] hidden)
    {
        await using var old = hidden.Length == 0 ? null : await DovecotServer.StartAsync(new DovecotOptions(Hidden: hidden));
        await using var harness = await FilledAsync(old);
        await PlainAsync(harness, RunOutcome.Complete);
        await using (var source = await harness.SourceAsync())
            await source.StoreAsync("INBOX", "2:3", "+FLAGS (\\Flagged)");
        var plan = await PlanAsync(harness);
        await using (var source = await harness.SourceAsync())
            await source.StoreAsync("INBOX", "5", "+FLAGS (\\Answered)");

        await RunAsync(harness, plan);

        Assert.Equal("2:3", plan.Folders.Single(folder => folder.Source.IsInbox).Flags.ToString());
        var there = (await harness.TargetContentAsync()).Folders["INBOX"];
        Assert.Equal([2, 3], Numbered(there, "Flagged"));
        Assert.Empty(Numbered(there, "Answered"));
        await PlainAsync(harness, RunOutcome.Complete);
        await ShouldBeTheSameAsync(harness);
    }

    [Fact]
    public async Task What_is_to_be_followed_is_foretold_and_done()
    {
        await using var harness = await FollowedAsync();
        await using (var source = await harness.SourceAsync())
        {
            await source.RunAsync("RENAME Work Projects");
            await MoveAsync(source, "INBOX", "4:5", "Projects");
            await source.DeleteAsync("INBOX", "2");
        }

        var check = await harness.CheckAsync(Stop);
        var plan = await PlanAsync(harness);
        var report = await RunAsync(harness, plan);

        Assert.Equal(("Work", "Projects"), (plan.Renames.Single().From.Name, plan.Renames.Single().To.Name));
        Assert.Equal((2, 1), (plan.Moves, plan.Deletions.Single().Uids.Count));
        Assert.Equal((DeletionMode.Trash, 0L), (plan.DeletionMode, plan.Kept));
        Assert.False(check.LeavesMessages);
        Assert.Equal(3, check.Folders.Single(folder => folder.Source.Name == "Projects").Copied.Messages);
        Assert.Equal(
            new FollowResult
            {
                Renamed = 1,
                Moved = 2,
                Deleted = 1,
            },
            report.Followed
        );
        Assert.Equal((RunOutcome.Complete, 0), (report.Outcome, report.Total.Delivered));
        await ShouldBeTheSameAsync(harness, but: FollowRules.DefaultFolder.Name);
    }

    [Fact]
    public async Task What_is_deleted_or_renamed_after_the_plan_is_followed_by_a_later_run()
    {
        await using var harness = await FollowedAsync();
        await using var source = await harness.SourceAsync();
        await source.DeleteAsync("INBOX", "2");
        var plan = await PlanAsync(harness);
        await source.DeleteAsync("INBOX", "3");
        await source.RunAsync("RENAME Work Projects");

        var report = await RunAsync(harness, plan);

        Assert.Equal(new FollowResult { Deleted = 1 }, report.Followed);
        Assert.Contains(
            "1 copy of messages that have left their folders at the source stays until a later run: not in the plan.",
            report.Notices
        );
        Assert.Contains("Projects: not in the plan, and left for later runs.", report.Notices);
        Assert.Equal(RunOutcome.Partial, report.Outcome);
        var there = await harness.TargetContentAsync();
        Assert.Equal(
            (9, 3, 1),
            (there.Folders["INBOX"].Count, there.Folders["Work"].Count, there.Folders[FollowRules.DefaultFolder.Name].Count)
        );
        var later = await PlainAsync(harness, RunOutcome.Complete);
        Assert.Equal(new FollowResult { Deleted = 1, Renamed = 1 }, later.Followed);
        await ShouldBeTheSameAsync(harness, but: FollowRules.DefaultFolder.Name);
    }

    [Fact]
    public async Task Deletions_that_need_consent_and_copies_that_somebody_has_changed_are_foretold()
    {
        await using var harness = await FollowedAsync();
        await using (var target = await harness.TargetAsync())
            await target.StoreAsync("INBOX", "9", "+FLAGS (\\Flagged)");
        await using (var source = await harness.SourceAsync())
            await source.DeleteAsync("INBOX", "5:9");

        var check = await harness.CheckAsync(Stop);
        var plan = await PlanAsync(harness);
        var held = await RunAsync(harness, plan);
        harness.Job = harness.Job with { Options = harness.Job.Options with { AllowDeletions = true } };
        var allowed = await RunAsync(harness, plan);

        Assert.True(check.LeavesMessages);
        Assert.Contains("4 delivered messages are no longer at the source, more than 10 %", plan.Deletions.Single().Held);
        Assert.Equal(1, plan.Kept);
        Assert.Equal(new FollowResult { Held = 4, Kept = 1 }, held.Followed);
        Assert.Equal(new FollowResult { Deleted = 4, Kept = 1 }, allowed.Followed);
    }

    [Fact]
    public async Task Making_a_plan_changes_nothing()
    {
        await using var harness = await FollowedAsync();
        await using (var source = await harness.SourceAsync())
        {
            await source.RunAsync("RENAME Work Projects");
            await source.DeleteAsync("INBOX", "2:4");
            await source.StoreAsync("INBOX", "1", "+FLAGS (\\Flagged)");
            await FillAsync(source, "INBOX", 70, 3);
        }
        var (before, known) = (
            await harness.TargetContentAsync(),
            await File.ReadAllBytesAsync(Path.Combine(harness.State, "checkpoints.db"), Stop)
        );

        await PlanAsync(harness);

        (await harness.TargetContentAsync()).ShouldEqual(before);
        Assert.Equal(known, await File.ReadAllBytesAsync(Path.Combine(harness.State, "checkpoints.db"), Stop));
    }

    [Fact]
    public async Task What_is_too_large_is_planned_to_fail_and_is_no_drift()
    {
        await using var target = await DovecotServer.StartAsync(new DovecotOptions(MaxMailSize: 2000, AnnounceAppendLimit: true));
        await using var harness = await FilledAsync(target: target);
        await using (var source = await harness.SourceAsync())
            await FillAsync(source, "INBOX", 80, 12, size: 3000);

        var plan = await PlanAsync(harness);
        var report = await RunAsync(harness, plan, percent: 0);

        Assert.Equal("11:22", plan.Folders.Single(folder => folder.Source.IsInbox).TooLarge.ToString());
        Assert.Equal((13, 12), (report.Total.Delivered, report.Total.Failed));
        Assert.Null(report.Folders[0].Failure);
    }

    private async Task<Harness> FilledAsync(DovecotServer? old = null, DovecotServer? target = null)
    {
        var harness = new Harness(old ?? servers.Old, target ?? servers.New);
        await using var source = await harness.SourceAsync();
        await FillAsync(source, "INBOX", 0, 10);
        await source.CreateAsync("Work");
        await FillAsync(source, "Work", 20, 3);
        return harness;
    }

    private async Task<Harness> FollowedAsync()
    {
        var harness = await FilledAsync();
        harness.Job = harness.Job with { Follow = FollowRules.Default };
        await PlainAsync(harness, RunOutcome.Complete);
        return harness;
    }

    /// <summary>As it comes from its file.</summary>
    private static async Task<MailboxPlan> PlanAsync(Harness harness)
    {
        var plan = (await harness.CheckAsync(Stop)).ToPlan(DateTimeOffset.UtcNow, null, []);
        return ReportJson.ParseWhole<MailboxPlan>(ReportJson.Document(plan))!;
    }

    private static Task<RunReport> RunAsync(Harness harness, MailboxPlan plan, int percent = AppliedPlan.DefaultPercent)
    {
        harness.Job = harness.Job with { Plan = new AppliedPlan(plan, percent) };
        return harness.RunAsync(Stop);
    }

    private static async Task<RunReport> PlainAsync(Harness harness, RunOutcome outcome)
    {
        harness.Job = harness.Job with { Plan = null };
        var report = await harness.RunAsync(Stop);
        Assert.Equal(outcome, report.Outcome);
        return report;
    }

    private static async Task ShouldBeTheSameAsync(Harness harness, params string[] but)
    {
        var (source, target) = (await harness.SourceContentAsync(), await harness.TargetContentAsync());
        foreach (var (folder, messages) in source.Folders)
            Assert.Equal(
                messages.Select(message => (message.Hash, message.Flags)).Order(),
                target.Folders[folder].Select(message => (message.Hash, message.Flags)).Order()
            );
        Assert.Equal(source.Folders.Keys.Order(), target.Folders.Keys.Except(but).Order());
    }

    private static async Task MoveAsync(RawImap imap, string from, string uids, string to)
    {
        await imap.RunAsync($"SELECT {RawImap.Name(from)}");
        await imap.RunAsync($"UID MOVE {uids} {RawImap.Name(to)}");
    }

    private static IEnumerable<int> Numbered(IReadOnlyList<MailboxContent.Message> messages, string flag) =>
        messages.Index().Where(message => message.Item.Flags.Contains(flag, StringComparison.Ordinal)).Select(message => message.Index + 1);
}
