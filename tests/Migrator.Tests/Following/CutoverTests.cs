using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Migrator.Core.Checkpoints;
using Migrator.Core.Failures;
using Migrator.Core.Following;
using Migrator.Core.Migrations;
using Migrator.Core.Progress;
using Migrator.Core.Reports;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Xunit;
using static Migrator.Tests.Migrations.Letters;

namespace Migrator.Tests.Following;

/// <summary>A mailbox is switched once it is ready, and from then on nothing that happens at the source changes what its user has at the
/// target.</summary>
public sealed class CutoverTests(DovecotFixture servers)
{
    private static readonly CutoverRequest s_request = new(100, false, 14, false);

    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow) { AutoAdvanceAmount = TimeSpan.FromMilliseconds(50) };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_final_pass_brings_the_last_changes_and_the_mailbox_is_switched()
    {
        await using var harness = await CopiedAsync();
        await using (var source = await harness.SourceAsync())
        {
            await FillAsync(source, "INBOX", 50, 2);
            await source.DeleteAsync("INBOX", "2");
            await source.StoreAsync("INBOX", "3", "+FLAGS (\\Flagged)");
        }

        var trial = await CutoverAsync(harness, s_request with { IsTrial = true });
        var before = (await harness.TargetContentAsync()).Folders["INBOX"].Count;
        var report = await CutoverAsync(harness);

        Assert.True(trial is { IsReady: true, Run: null, Switched: null });
        Assert.Contains("2 messages to copy; flags to carry over: 1; deletions to follow: 1", trial.Checks[0].Detail);
        Assert.Equal(10, before);
        Assert.Equal((RunOutcome.Complete, 2, 1), (report.Run!.Outcome, report.Run.Total.Delivered, report.Run.Followed!.Value.Deleted));
        Assert.True(report is { IsComplete: true, Switched: not null });
        Assert.Equal(14, (report.SweptUntil - report.Switched)!.Value.TotalDays, 0.01);
        Assert.Equal(11, (await harness.TargetContentAsync()).Folders["INBOX"].Count);
    }

    [Fact]
    public async Task After_the_switch_stragglers_come_and_nothing_else_is_followed()
    {
        await using var harness = await CopiedAsync();
        await CutoverAsync(harness);
        await using (var target = await harness.TargetAsync())
            await target.StoreAsync("INBOX", "4", "+FLAGS (\\Answered)");
        await using (var source = await harness.SourceAsync())
        {
            await source.DeleteAsync("INBOX", "2");
            await source.StoreAsync("INBOX", "3:4", "+FLAGS (\\Flagged)");
            await source.RunAsync("RENAME Work Projects");
            await source.CreateAsync("Later");
            await source.RunAsync("SELECT INBOX");
            await source.RunAsync("UID MOVE 5:6 Later");
            await FillAsync(source, "INBOX", 60, 3);
        }

        var check = await harness.CheckAsync(Stop);
        var report = await RunAsync(harness);

        Assert.Null(check.Follow);
        Assert.Equal((RunOutcome.Complete, 3), (report.Outcome, report.Total.Delivered));
        Assert.Null(report.Followed);
        Assert.Contains(report.Notices, notice => notice.StartsWith("This mailbox was switched on", StringComparison.Ordinal));
        var there = (await harness.TargetContentAsync()).Folders;
        Assert.Equal((13, 2), (there["INBOX"].Count, there["Work"].Count));
        Assert.All(["Projects", "Later"], name => Assert.Empty(there[name]));
        Assert.Equal((RunOutcome.Complete, 0), ((await RunAsync(harness)) is var next ? (next.Outcome, next.Total.Delivered) : default));
        Assert.DoesNotContain(there["INBOX"], message => message.Flags.Contains("Flagged", StringComparison.Ordinal));
        Assert.Single(there["INBOX"], message => message.Flags.Contains("Answered", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Once_the_days_are_over_a_run_refuses_and_a_further_cutover_sweeps_again()
    {
        await using var harness = await CopiedAsync();
        var first = await CutoverAsync(harness);
        _time.Advance(TimeSpan.FromDays(15));
        await using (var source = await harness.SourceAsync())
            await FillAsync(source, "INBOX", 60, 1);

        var late = await RunAsync(harness);
        var again = await CutoverAsync(harness);
        var swept = await RunAsync(harness);

        Assert.Equal((RunOutcome.Aborted, Reason.SweepOver.Code), (late.Outcome, late.Stopped!.Code));
        Assert.Equal((1, 0), (again.Run!.Total.Delivered, swept.Total.Delivered));
        Assert.Equal(first.Switched!.Value.ToUnixTimeSeconds(), again.Switched!.Value.ToUnixTimeSeconds());
        Assert.True(again.SweptUntil > first.SweptUntil);
        Assert.Equal(RunOutcome.Complete, swept.Outcome);
    }

    [Fact]
    public async Task A_switch_can_be_taken_back_and_what_changed_meanwhile_is_followed()
    {
        await using var harness = await CopiedAsync();
        await CutoverAsync(harness);
        await using (var source = await harness.SourceAsync())
        {
            await source.DeleteAsync("INBOX", "2");
            await source.StoreAsync("INBOX", "3", "+FLAGS (\\Flagged)");
        }
        await RunAsync(harness);

        harness.Job = harness.Job with { Options = harness.Job.Options with { Again = true } };
        var report = await RunAsync(harness);
        harness.Job = harness.Job with { Options = harness.Job.Options with { Again = false } };
        var later = await RunAsync(harness);

        Assert.Equal((RunOutcome.Complete, 1), (report.Outcome, report.Followed!.Value.Deleted));
        Assert.NotNull(later.Followed);
        Assert.Single(
            (await harness.TargetContentAsync()).Folders["INBOX"],
            message => message.Flags.Contains("Flagged", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task A_source_that_numbers_its_messages_again_brings_none_of_them_a_second_time()
    {
        await using var harness = await CopiedAsync();
        await CutoverAsync(harness);
        await using (var target = await harness.TargetAsync())
        {
            await target.CreateAsync("Mine");
            await target.RunAsync("SELECT Work");
            await target.RunAsync("UID MOVE 1 Mine");
        }
        await using (var source = await harness.SourceAsync())
        {
            await source.RunAsync("DELETE Work");
            await source.CreateAsync("Work");
            await FillAsync(source, "Work", 20, 3);
        }

        var report = await RunAsync(harness);

        Assert.Equal((RunOutcome.Complete, 1), (report.Outcome, report.Total.Delivered));
        var there = (await harness.TargetContentAsync()).Folders;
        Assert.Equal((2, 1), (there["Work"].Count, there["Mine"].Count));
    }

    [Fact]
    public async Task A_pass_after_the_switch_that_is_not_complete_says_so_and_the_mailbox_stays_switched()
    {
        await using var target = await DovecotServer.StartAsync(new DovecotOptions(MaxMailSize: 2000));
        await using var harness = new Harness(servers.Old, target);
        await using (var source = await harness.SourceAsync())
            await FillAsync(source, "INBOX", 0, 2);
        var first = await CutoverAsync(harness, s_request with { SweepDays = 0 });
        _time.Advance(TimeSpan.FromMinutes(1));
        await using (var source = await harness.SourceAsync())
            await FillAsync(source, "INBOX", 80, 1, size: 3000);

        var over = await RunAsync(harness);
        var second = await CutoverAsync(harness, s_request with { SweepDays = 0 });

        Assert.Equal((true, Reason.SweepOver.Code), (first.IsComplete, over.Stopped!.Code));
        Assert.Equal((false, RunOutcome.Partial, 1), (second.IsComplete, second.Run!.Outcome, second.Run.Total.Failed));
        Assert.NotNull(second.Switched);
        Assert.Equal(Reason.CutoverRefused.Code, second.Reasons.Single().Code);
    }

    [Theory]
    [InlineData("lag", "Lag")]
    [InlineData("held", "Deletions")]
    [InlineData("missing", "Differences")]
    [InlineData("exchanger", "Mail exchanger")]
    public async Task A_mailbox_that_is_not_ready_is_not_switched(string what, string check)
    {
        await using var harness = await CopiedAsync();
        await using (var source = await harness.SourceAsync())
        {
            if (what == "lag")
                await FillAsync(source, "INBOX", 60, 101);
            if (what == "held")
                await source.DeleteAsync("INBOX", "1:5");
        }
        if (what == "missing")
            await SpoilAsync(harness);
        var before = await harness.TargetContentAsync();

        var report = await CutoverAsync(
            harness,
            given: what == "exchanger" ? [new CutoverCheck("Mail exchanger", false, "elsewhere")] : []
        );

        (await harness.TargetContentAsync()).ShouldEqual(before);
        Assert.Equal([check], report.Checks.Where(line => !line.IsMet).Select(line => line.Name));
        Assert.True(report is { Run: null, Switched: null });
        Assert.Equal(Reason.CutoverRefused.Code, report.Reasons.Single().Code);
        Assert.NotEqual(RunOutcome.Aborted, (await RunAsync(harness)).Outcome);
    }

    [Fact]
    public async Task Messages_that_cannot_be_copied_stop_a_switch_unless_that_is_accepted()
    {
        await using var target = await DovecotServer.StartAsync(new DovecotOptions(MaxMailSize: 2000, AnnounceAppendLimit: true));
        await using var harness = new Harness(servers.Old, target);
        await using (var source = await harness.SourceAsync())
        {
            await FillAsync(source, "INBOX", 0, 3);
            await FillAsync(source, "INBOX", 80, 1, size: 3000);
        }

        var refused = await CutoverAsync(harness);
        var accepted = await CutoverAsync(harness, s_request with { AcceptsIncomplete = true });

        Assert.Equal(["Too large"], refused.Checks.Where(line => !line.IsMet).Select(line => line.Name));
        Assert.Equal((RunOutcome.Partial, 3, 1), (accepted.Run!.Outcome, accepted.Run.Total.Delivered, accepted.Run.Total.Failed));
        Assert.NotNull(accepted.Switched);
    }

    [Fact]
    public async Task A_final_pass_that_is_not_complete_switches_nothing()
    {
        await using var target = await DovecotServer.StartAsync(new DovecotOptions(MaxMailSize: 2000));
        await using var harness = new Harness(servers.Old, target);
        await using (var source = await harness.SourceAsync())
            await FillAsync(source, "INBOX", 80, 1, size: 3000);

        // The target does not say what it refuses.
        var report = await CutoverAsync(harness);

        Assert.Equal((true, RunOutcome.Partial), (report.IsReady, report.Run!.Outcome));
        Assert.Null(report.Switched);
        Assert.Equal(Reason.CutoverRefused.Code, report.Reasons.Single().Code);
        await using var store = harness.OpenStore();
        await using var records = await store.OpenRecordsAsync(
            new MailboxPair(harness.Job.Transfer.Source, harness.Job.Transfer.Target),
            Stop
        );
        Assert.Equal(MailboxPhase.Open, (await records!.PhaseAsync(Stop)).Phase);
    }

    private Task<RunReport> RunAsync(Harness harness) => harness.RunAsync(Stop, _time);

    private async Task<CutoverReport> CutoverAsync(
        Harness harness,
        CutoverRequest? request = null,
        IReadOnlyList<CutoverCheck>? given = null
    )
    {
        await using var store = harness.OpenStore();
        return await new Cutover(
            harness.Job.Transfer,
            harness.Ends,
            harness.Examined,
            store,
            request ?? s_request,
            given ?? [],
            harness.SpoolPath,
            _time,
            NullLogger.Instance
        ).RunAsync(new RunProgress(), Stop);
    }

    /// <summary>The last run found that a message is not at the target any more.</summary>
    private static async Task SpoilAsync(Harness harness)
    {
        await using var store = harness.OpenStore();
        await using var checkpoint = await store.OpenAsync(new MailboxPair(harness.Job.Transfer.Source, harness.Job.Transfer.Target), Stop);
        var folder = (await checkpoint.FoldersAsync(Stop)).Single(folder => folder.Source.IsInbox);
        var record = (await checkpoint.ReadAsync(folder.Id, MessageStates.AtTarget, 1, 1, Stop)).Single();
        await checkpoint.WriteAsync(
            folder.Id,
            [record with { State = MessageState.Differs, Reason = nameof(DifferenceKind.Missing), Detail = "gone" }],
            Stop
        );
    }

    private async Task<Harness> CopiedAsync()
    {
        var harness = new Harness(servers.Old, servers.New);
        harness.Job = harness.Job with { Follow = FollowRules.Default };
        await using (var source = await harness.SourceAsync())
        {
            await source.CreateAsync("Work");
            await FillAsync(source, "INBOX", 0, 10);
            await FillAsync(source, "Work", 20, 2);
        }
        Assert.Equal(RunOutcome.Complete, (await RunAsync(harness)).Outcome);
        return harness;
    }
}
