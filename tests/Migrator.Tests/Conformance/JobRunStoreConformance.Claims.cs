using Microsoft.Extensions.Time.Testing;
using Migrator.Core.Failures;
using Migrator.Core.JobRuns;
using Xunit;

namespace Migrator.Tests.Conformance;

/// <summary>Who gets which runs, and who has lost them.</summary>
public abstract partial class JobRunStoreConformance
{
    [Fact]
    public async Task A_worker_without_heartbeats_loses_its_runs_and_can_change_them_no_more()
    {
        await StartAsync("nightly", "ann");
        var first = Assert.Single(await ClaimAsync("w1", 1));
        Time.Advance(s_lease - TimeSpan.FromSeconds(1));
        Assert.Empty(await ClaimAsync("w2", 1));
        await HeartbeatAsync("w1", Progress, first);
        Time.Advance(s_lease - TimeSpan.FromSeconds(1));
        Assert.Empty(await ClaimAsync("w2", 1));
        Time.Advance(TimeSpan.FromSeconds(2));

        var second = Assert.Single(await ClaimAsync("w2", 1));
        Assert.Equal((first.Run, true, 2), (second.Run, second.TakenOver, second.Attempt));
        Assert.True(second.FencingToken > first.FencingToken);
        Assert.Equal([first.Run], (await HeartbeatAsync("w1", Progress, first)).Lost);
        Assert.False(await Store.EndAsync(End(first, MailboxRunState.Failed), Stop));
        Assert.Equal("w2", (await Store.MailboxesAsync(null, Stop))[0].Worker);
        Assert.True(await Store.EndAsync(End(second, MailboxRunState.Complete), Stop));
        Assert.Equal([second.Run], (await HeartbeatAsync("w2", Progress, second)).Lost);
    }

    [Fact]
    public async Task A_run_of_a_dead_worker_keeps_nothing_busy_though_its_job_is_paused()
    {
        await StartAsync("nightly", "ann");
        var first = Assert.Single(await ClaimAsync("w1", 1));
        await Store.PauseAsync("nightly", true, Stop);
        await Store.StartAsync(new JobRunPlan("large", JobRunTrigger.Schedule, null, null, [Planned("nightly", "ann")]), Stop);
        Assert.Empty(await ClaimAsync("w2", 9));
        Time.Advance(s_lease + TimeSpan.FromSeconds(1));

        var other = Assert.Single(await ClaimAsync("w2", 9));
        Assert.Equal(("large", false), (other.Job, other.TakenOver));
        Assert.Equal(MailboxRunState.Waiting, Assert.Single(await Store.MailboxesAsync("nightly", Stop)).State);
        Assert.Equal([first.Run], (await HeartbeatAsync("w1", Progress, first)).Lost);
        Assert.False(await Store.EndAsync(End(first, MailboxRunState.Complete), Stop));
        await Store.EndAsync(End(other, MailboxRunState.Complete), Stop);
        await Store.PauseAsync("nightly", false, Stop);
        var again = Assert.Single(await ClaimAsync("w2", 9));
        Assert.Equal((first.Run, true, 2), (again.Run, again.TakenOver, again.Attempt));
    }

    [Fact]
    public async Task A_worker_that_was_late_but_not_taken_over_continues()
    {
        await StartAsync("nightly", "ann");
        var run = Assert.Single(await ClaimAsync("w1", 1));
        Time.Advance(s_lease * 3);
        Assert.Empty((await HeartbeatAsync("w1", Progress, run)).Lost);
        Assert.Empty(await ClaimAsync("w2", 1));
    }

    [Fact]
    public async Task What_a_worker_let_go_of_without_a_word_is_given_to_it_again_and_what_it_is_still_at_is_not()
    {
        await StartAsync("nightly", "ann");
        var run = Assert.Single(await ClaimAsync("w1", 1));
        Time.Advance(s_lease + TimeSpan.FromSeconds(1));
        Assert.Empty(await Store.ClaimAsync(Request("w1", 9) with { Held = [run.Run] }, Stop));
        Assert.Empty((await HeartbeatAsync("w1", Progress, run)).Lost);
        Time.Advance(s_lease - TimeSpan.FromSeconds(1));
        Assert.Empty(await ClaimAsync("w1", 9));
        Time.Advance(TimeSpan.FromSeconds(2));
        var again = Assert.Single(await ClaimAsync("w1", 9));
        Assert.Equal((run.Run, true, 2), (again.Run, again.TakenOver, again.Attempt));

        // Another worker finds it dead and has no use for the run; then it wakes up.
        await StartAsync("weekly", "bob");
        Time.Advance(s_lease + TimeSpan.FromSeconds(1));
        Assert.Equal(
            "bob",
            Assert
                .Single(await Store.ClaimAsync(Request("w2", 9) with { Jobs = new Dictionary<string, int?> { ["weekly"] = null } }, Stop))
                .Mailbox
        );
        Assert.Empty(await Store.ClaimAsync(Request("w1", 9) with { Held = [again.Run] }, Stop));
        Assert.Equal([again.Run], (await HeartbeatAsync("w1", Progress, again)).Lost);
        Assert.Equal(3, Assert.Single(await ClaimAsync("w1", 9)).Attempt);
    }

    [Fact]
    public async Task What_goes_back_to_wait_is_taken_again_in_time_and_counts_attempts_that_were_spent()
    {
        await StartAsync("nightly", "ann");
        var run = Assert.Single(await ClaimAsync("w1", 1));
        var failure = new Failure("connection-lost", "gone", "Run again.");
        await Store.EndAsync(
            End(run, MailboxRunState.Waiting) with
            {
                Wait = TimeSpan.FromMinutes(1),
                Spent = true,
                Failure = failure,
            },
            Stop
        );
        Assert.Empty(await ClaimAsync("w1", 1));
        var waiting = Assert.Single(await Store.MailboxesAsync(null, Stop));
        Assert.Equal(
            (MailboxRunState.Waiting, failure, Time.GetUtcNow().AddMinutes(1), 1),
            (waiting.State, waiting.Failure!, waiting.NotBefore, waiting.Attempt)
        );
        Time.Advance(TimeSpan.FromMinutes(1));
        run = Assert.Single(await ClaimAsync("w2", 1));
        Assert.Equal((2, false), (run.Attempt, run.TakenOver));
        await Store.EndAsync(End(run, MailboxRunState.Waiting), Stop);
        Assert.Equal(2, Assert.Single(await ClaimAsync("w1", 1)).Attempt);
    }

    [Fact]
    public async Task No_limit_is_passed_and_the_job_with_the_fewest_comes_first()
    {
        await Store.StartAsync(
            new JobRunPlan(
                "large",
                JobRunTrigger.Schedule,
                null,
                null,
                [.. Enumerable.Range(0, 20).Select(i => Planned("large", $"m{i:00}", i < 10 ? "old" : "other", "new"))]
            ),
            Stop
        );
        await Store.StartAsync(
            new JobRunPlan(
                "small",
                JobRunTrigger.Schedule,
                null,
                null,
                [.. Enumerable.Range(0, 2).Select(i => Planned("small", $"s{i}", "third"))]
            ),
            Stop
        );
        var request = Request("w1", 6) with { Hosts = new HostLimits(4, new Dictionary<string, int> { ["new"] = 7, ["old"] = 3 }) };

        var first = await Store.ClaimAsync(request, Stop);
        Assert.Equal(["m00", "s0", "m01", "s1", "m02", "m10"], first.Select(run => run.Mailbox));
        var second = await Store.ClaimAsync(request with { Worker = "w2", AtMost = 9 }, Stop);
        Assert.Equal(["m11", "m12", "m13"], second.Select(run => run.Mailbox));
        Assert.Empty(await Store.ClaimAsync(request, Stop));
        await Store.EndAsync(End(first[0], MailboxRunState.Complete), Stop);
        Assert.Equal("m03", Assert.Single(await Store.ClaimAsync(request, Stop)).Mailbox);
        Assert.Empty(
            await Store.ClaimAsync(
                request with
                {
                    Hosts = s_noLimits,
                    Jobs = new Dictionary<string, int?> { ["large"] = 7 },
                },
                Stop
            )
        );
        Assert.Single(
            await Store.ClaimAsync(
                request with
                {
                    Hosts = s_noLimits,
                    Jobs = new Dictionary<string, int?> { ["large"] = 8 },
                },
                Stop
            )
        );
    }

    [Fact]
    public async Task Thousands_that_wait_for_a_busy_host_hold_up_nobody_behind_them()
    {
        await Store.StartAsync(
            new JobRunPlan(
                "large",
                JobRunTrigger.Schedule,
                null,
                null,
                [.. Enumerable.Range(0, 2001).Select(i => Planned("large", $"m{i:0000}", "busy")), Planned("large", "free", "idle")]
            ),
            Stop
        );
        var request = Request("w1", 9) with { Hosts = new HostLimits(1, new Dictionary<string, int>()) };
        Assert.Equal(["m0000", "free"], (await Store.ClaimAsync(request, Stop)).Select(run => run.Mailbox));
    }

    [Fact]
    public async Task No_two_runs_are_at_one_account()
    {
        await Store.StartAsync(Plan("one", "ann"), Stop);
        await Store.StartAsync(
            new JobRunPlan(
                "two",
                JobRunTrigger.Schedule,
                null,
                null,
                [
                    Planned("one", "ann"),
                    Planned("two", "x") with
                    {
                        Target = Planned("one", "ann").Target,
                    },
                    Planned("two", "y") with
                    {
                        Source = Planned("one", "ann").Target,
                    },
                    Planned("two", "free"),
                ]
            ),
            Stop
        );
        Assert.Equal(["ann", "free"], (await ClaimAsync("w1", 9)).Select(run => run.Mailbox));
    }

    [Fact]
    public async Task Only_jobs_that_a_worker_names_are_handed_to_it_and_only_JobRuns_that_are_not_anothers()
    {
        await StartAsync("known", "ann");
        await StartAsync("unknown", "bob");
        await Store.StartAsync(Plan("known", "cecil") with { OnlyWorker = "w2" }, Stop);
        Assert.Equal(
            ["ann"],
            (await Store.ClaimAsync(Request("w1", 9) with { Jobs = new Dictionary<string, int?> { ["known"] = null } }, Stop)).Select(run =>
                run.Mailbox
            )
        );
        await StartAsync("known", "dora");
        Assert.Equal(
            ["cecil"],
            (
                await Store.ClaimAsync(
                    Request("w2", 9) with
                    {
                        Jobs = new Dictionary<string, int?> { ["known"] = null },
                        OwnOnly = true,
                    },
                    Stop
                )
            ).Select(run => run.Mailbox)
        );
    }

    [Fact]
    public async Task A_heartbeat_is_answered_with_the_number_of_workers_that_are_alive()
    {
        await Store.HeartbeatAsync(new WorkerHeartbeat("w1", "here", [], 0, 0, s_lease), Stop);
        Time.Advance(TimeSpan.FromSeconds(50));
        Assert.Equal(2, (await Store.HeartbeatAsync(new WorkerHeartbeat("w2", "here", [], 0, 0, s_lease), Stop)).Workers);
        Time.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal(1, (await Store.HeartbeatAsync(new WorkerHeartbeat("w2", "here", [], 0, 0, s_lease), Stop)).Workers);
    }

    [Fact]
    public async Task A_JobRun_for_one_worker_that_died_is_ended_and_blocks_nobody()
    {
        await Store.HeartbeatAsync(new WorkerHeartbeat("w2", "here", [], 0, 0, s_lease), Stop);
        await Store.StartAsync(Plan("nightly", "ann", "bob") with { OnlyWorker = "w2" }, Stop);
        await ClaimAsync("w2", 1);
        Time.Advance(TimeSpan.FromSeconds(50));
        Assert.Equal(0, (await StartAsync("nightly", "ann", "bob")).Runs);
        Time.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal(2, (await StartAsync("nightly", "ann", "bob")).Runs);
        Assert.Equal(
            2,
            (await Store.HistoryAsync(new HistoryQuery(null, null, 9), Stop)).Count(run => run.State == MailboxRunState.Cancelled)
        );
    }

    [Fact]
    public async Task Many_who_claim_at_once_get_each_run_once_and_pass_no_limit()
    {
        await Store.StartAsync(
            new JobRunPlan(
                "large",
                JobRunTrigger.Schedule,
                null,
                null,
                [.. Enumerable.Range(0, 60).Select(i => Planned("large", $"m{i:00}", "old"))]
            ),
            Stop
        );
        await using var other = await OpenAsync();
        var request = Request("w", 3) with { Hosts = new HostLimits(25, new Dictionary<string, int>()) };
        var claimed = (
            await Task.WhenAll(
                Enumerable.Range(0, 16).Select(i => (i % 2 == 0 ? Store : other).ClaimAsync(request with { Worker = $"w{i}" }, Stop))
            )
        )
            .SelectMany(runs => runs)
            .ToList();
        Assert.Equal(25, claimed.Count);
        Assert.Equal(25, claimed.Select(run => run.Run).Distinct().Count());
    }
}
