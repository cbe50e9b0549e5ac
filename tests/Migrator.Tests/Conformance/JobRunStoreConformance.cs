using Microsoft.Extensions.Time.Testing;
using Migrator.Core.Failures;
using Migrator.Core.JobRuns;
using Migrator.Core.Reports;
using Migrator.Storage.JobRuns;
using Xunit;

namespace Migrator.Tests.Conformance;

/// <summary>What every store of job runs promises.</summary>
public abstract partial class JobRunStoreConformance : IAsyncLifetime
{
    private static readonly TimeSpan s_lease = TimeSpan.FromSeconds(30);
    private static readonly MessageCounts s_counts = new(10, 6, 4, 0, 0, 0, 0, 6000);
    private static readonly HostLimits s_noLimits = new(1000, new Dictionary<string, int>());

    protected FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 11, 1, 20, 0, 0, TimeSpan.Zero));

    private JobRunStore Store { get; set; } = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Opens the same store each time.</summary>
    protected abstract Task<JobRunStore> OpenAsync();

    public async ValueTask InitializeAsync() => Store = await OpenAsync();

    public virtual async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_run_goes_from_its_plan_to_its_report()
    {
        var started = await StartAsync("nightly", "ann", "bob");
        Time.Advance(TimeSpan.FromSeconds(5));
        var claimed = await ClaimAsync("w1", 1);
        var ann = Assert.Single(claimed);
        Assert.Equal(("nightly", "ann", 1, false), (ann.Job, ann.Mailbox, ann.Attempt, ann.TakenOver));
        var progress = new RunProgressSnapshot("Copying", 3, 10, 0, 3000, 12.5, 1e6, 60);
        var answer = await HeartbeatAsync("w1", progress, ann);
        Assert.Empty(answer.Lost);
        Assert.Empty(answer.Stop);
        var running = (await Store.MailboxesAsync("nightly", Stop)).Single(mailbox => mailbox.Mailbox == "ann");
        Assert.Equal(
            (MailboxRunState.Running, progress, "w1", "machine of w1"),
            (running.State, running.Progress!, running.Worker!, running.Machine!)
        );

        Time.Advance(TimeSpan.FromSeconds(10));
        Assert.True(await Store.EndAsync(End(ann, MailboxRunState.Complete) with { Report = "{\"job\":\"nightly\"}" }, Stop));

        await using var reopened = await OpenAsync();
        var mailboxes = await reopened.MailboxesAsync(null, Stop);
        Assert.Equal(["ann", "bob"], mailboxes.Select(mailbox => mailbox.Mailbox));
        Assert.Equal(
            (MailboxRunState.Complete, s_counts, Time.GetUtcNow(), Time.GetUtcNow(), true, null),
            (
                mailboxes[0].State,
                mailboxes[0].Counts,
                mailboxes[0].Finished,
                mailboxes[0].LastSuccess,
                mailboxes[0].HasReport,
                mailboxes[0].Failure
            )
        );
        Assert.Equal((MailboxRunState.Waiting, 0, null), (mailboxes[1].State, mailboxes[1].Attempt, mailboxes[1].LastSuccess));
        Assert.Equal("{\"job\":\"nightly\"}", await reopened.ReportAsync(ann.Run, Stop));
        Assert.Equal(mailboxes[0], await reopened.FindAsync(ann.Run, Stop));
        Assert.Null(await reopened.FindAsync(999, Stop));
        var jobRun = Assert.Single(await reopened.JobRunsAsync("nightly", 10, Stop));
        Assert.Equal((started.JobRun!.Value, new RunCounts(1, 0, 1, 0, 0, 0), null), (jobRun.JobRun, jobRun.Runs, jobRun.Finished));
        Assert.Equal(s_counts, jobRun.Messages);
        Assert.Equal("ann", Assert.Single(await reopened.HistoryAsync(new HistoryQuery("nightly", null, 10), Stop)).Mailbox);
        Assert.Equal(["ann", "bob"], (await reopened.RunsOfAsync(jobRun.JobRun, Stop)).Select(run => run.Mailbox));
    }

    [Fact]
    public async Task A_new_store_holds_nothing()
    {
        Assert.Empty(await Store.MailboxesAsync(null, Stop));
        Assert.Empty(await Store.MailboxesAsync("nightly", Stop));
        Assert.Empty(await Store.HistoryAsync(new HistoryQuery("nightly", "ann", 5), Stop));
        Assert.Empty(await Store.JobRunsAsync(null, 5, Stop));
        Assert.Empty(await Store.RunsOfAsync(1, Stop));
        Assert.Empty(await Store.WorkersAsync(Stop));
        Assert.Empty(await Store.ThroughputAsync(Time.GetUtcNow(), Stop));
        Assert.Empty(await Store.PausedAsync(Stop));
        Assert.Empty(await ClaimAsync("w1", 1));
        Assert.Null(await Store.ReportAsync(1, Stop));
        Assert.Null(await Store.ClaimFinishedAsync(s_lease, Stop));
        Assert.Equal(0, await Store.CancelAsync("nightly", null, Stop));
        Assert.Empty((await Store.HeartbeatAsync(new WorkerHeartbeat("w1", "here", [], 0, 0, s_lease), Stop)).Stop);
        Assert.Equal(Time.GetUtcNow(), await Store.NowAsync(Stop));
    }

    [Fact]
    public async Task A_mailbox_that_waits_or_runs_is_left_out_of_a_second_JobRun()
    {
        await StartAsync("nightly", "ann", "bob");
        var ann = (await ClaimAsync("w1", 1))[0];

        var second = await StartAsync("nightly", "ann", "bob", "cecil");
        Assert.Equal(1, second.Runs);
        Assert.Equal(["ann", "bob"], second.LeftOut);
        Assert.Null((await StartAsync("nightly", "ann", "cecil")).JobRun);

        await Store.EndAsync(End(ann, MailboxRunState.Complete), Stop);
        Assert.Equal(1, (await StartAsync("nightly", "ann", "bob")).Runs);
    }

    [Fact]
    public async Task A_start_that_is_made_twice_counts_once()
    {
        var at = Time.GetUtcNow();
        var first = await Store.StartAsync(Plan("nightly", "ann") with { ScheduledFor = at }, Stop);
        await Store.EndAsync(End((await ClaimAsync("w1", 5))[0], MailboxRunState.Complete), Stop);
        Assert.NotNull(first.JobRun);
        Assert.Null((await Store.StartAsync(Plan("nightly", "ann") with { ScheduledFor = at }, Stop)).JobRun);
        Assert.NotNull((await Store.StartAsync(Plan("nightly", "ann") with { ScheduledFor = at.AddDays(1) }, Stop)).JobRun);
        Assert.NotNull((await Store.StartAsync(Plan("weekly", "ann") with { ScheduledFor = at }, Stop)).JobRun);
    }

    [Fact]
    public async Task A_bad_row_fails_at_once_and_stops_no_other()
    {
        var wrong = new Failure("invalid-mailbox", "people.csv line 3", "Put it right.");
        await Store.StartAsync(
            new JobRunPlan(
                "nightly",
                JobRunTrigger.Schedule,
                null,
                null,
                [new PlannedMailboxRun("", "", "", [], wrong) with { Mailbox = "bad" }, Planned("nightly", "ann")]
            ),
            Stop
        );
        Assert.Equal("ann", Assert.Single(await ClaimAsync("w1", 9)).Mailbox);
        var bad = (await Store.MailboxesAsync("nightly", Stop)).Single(mailbox => mailbox.Mailbox == "bad");
        Assert.Equal((MailboxRunState.Failed, wrong), (bad.State, bad.Failure!));
    }

    [Fact]
    public async Task A_JobRun_is_over_with_its_last_run_and_notified_by_one()
    {
        var jobRun = (await StartAsync("nightly", "ann", "bob")).JobRun!.Value;
        var claimed = await ClaimAsync("w1", 5);
        await Store.EndAsync(End(claimed[0], MailboxRunState.Complete), Stop);
        Assert.Null(await Store.ClaimFinishedAsync(s_lease, Stop));
        await Store.EndAsync(
            End(claimed[1], MailboxRunState.Failed) with
            {
                Failure = new Failure("authentication-failed", "no", "Check."),
            },
            Stop
        );

        var telling = await Store.ClaimFinishedAsync(s_lease, Stop);
        Assert.Equal(
            (jobRun, new RunCounts(0, 0, 1, 0, 1, 0), Time.GetUtcNow(), false),
            (telling!.JobRun, telling.Runs, telling.Finished, telling.Notified)
        );
        Assert.Null(await Store.ClaimFinishedAsync(s_lease, Stop));
        Time.Advance(s_lease + TimeSpan.FromSeconds(1));
        Assert.Equal(jobRun, (await Store.ClaimFinishedAsync(s_lease, Stop))!.JobRun);
        await Store.MarkNotifiedAsync(jobRun, Stop);
        Time.Advance(s_lease + TimeSpan.FromSeconds(1));
        Assert.Null(await Store.ClaimFinishedAsync(s_lease, Stop));
        Assert.True((await Store.JobRunsAsync(null, 5, Stop))[0].Notified);
    }

    [Fact]
    public async Task A_paused_job_starts_nothing_and_asks_what_runs_to_stop()
    {
        await StartAsync("nightly", "ann", "bob");
        var ann = Assert.Single(await ClaimAsync("w1", 1));
        await Store.PauseAsync("nightly", true, Stop);
        await Store.PauseAsync("nightly", true, Stop);
        Assert.Equal(["nightly"], await Store.PausedAsync(Stop));
        Assert.Empty(await ClaimAsync("w1", 9));
        Assert.Equal([(ann.Run, StopCause.Paused)], (await HeartbeatAsync("w1", Progress, ann)).Stop);
        await Store.EndAsync(End(ann, MailboxRunState.Waiting), Stop);
        Time.Advance(s_lease * 2);
        Assert.Empty(await ClaimAsync("w1", 9));
        await Store.PauseAsync("nightly", false, Stop);
        Assert.Equal(2, (await ClaimAsync("w1", 9)).Count);
    }

    [Fact]
    public async Task Cancelling_ends_what_waits_and_asks_what_runs_to_end()
    {
        var jobRun = (await StartAsync("nightly", "ann", "bob", "cecil")).JobRun;
        var ann = Assert.Single(await ClaimAsync("w1", 1));
        Assert.Equal(1, await Store.CancelAsync("nightly", "bob", Stop));
        Assert.Equal(2, await Store.CancelAsync("nightly", null, Stop));
        Assert.Equal([(ann.Run, StopCause.Cancelled)], (await HeartbeatAsync("w1", Progress, ann)).Stop);
        Assert.True(await Store.EndAsync(End(ann, MailboxRunState.Waiting), Stop));
        Assert.All(
            await Store.MailboxesAsync("nightly", Stop),
            mailbox => Assert.Equal((MailboxRunState.Cancelled, Time.GetUtcNow()), (mailbox.State, mailbox.Finished))
        );
        Assert.Equal(jobRun, (await Store.ClaimFinishedAsync(s_lease, Stop))!.JobRun);
        Assert.Empty(await ClaimAsync("w1", 9));
    }

    [Fact]
    public async Task Withdrawing_ends_what_waits_of_a_JobRun_and_of_no_other()
    {
        var jobRun = (await StartAsync("nightly", "ann", "bob")).JobRun!.Value;
        await StartAsync("nightly", "cecil");
        await ClaimAsync("w1", 1);
        await Store.WithdrawAsync(jobRun, Stop);
        Assert.Equal(
            [("ann", MailboxRunState.Running), ("bob", MailboxRunState.Cancelled), ("cecil", MailboxRunState.Waiting)],
            (await Store.MailboxesAsync("nightly", Stop)).Select(mailbox => (mailbox.Mailbox, mailbox.State))
        );
    }

    [Fact]
    public async Task What_was_cancelled_while_its_worker_was_dead_is_ended()
    {
        await StartAsync("nightly", "ann");
        await ClaimAsync("w1", 1);
        await Store.CancelAsync("nightly", null, Stop);
        Time.Advance(s_lease + TimeSpan.FromSeconds(1));
        Assert.Empty(await ClaimAsync("w2", 9));
        Assert.Equal(MailboxRunState.Cancelled, Assert.Single(await Store.MailboxesAsync(null, Stop)).State);
        Assert.NotNull(await Store.ClaimFinishedAsync(s_lease, Stop));
    }

    [Fact]
    public async Task Workers_and_what_they_move_are_seen()
    {
        await Store.HeartbeatAsync(new WorkerHeartbeat("w1", "here", [], 100, 5000, s_lease), Stop);
        await Store.HeartbeatAsync(new WorkerHeartbeat("w2", "there", [], 10, 500, s_lease), Stop);
        await Store.HeartbeatAsync(new WorkerHeartbeat("w1", "here", [], 1, 50, s_lease), Stop);
        Time.Advance(TimeSpan.FromSeconds(70));
        await Store.HeartbeatAsync(new WorkerHeartbeat("w2", "there", [], 7, 70, s_lease), Stop);
        Assert.Equal(
            [("w1", "here", false), ("w2", "there", true)],
            (await Store.WorkersAsync(Stop)).Select(worker => (worker.Worker, worker.Machine, worker.Alive))
        );
        await Store.LeaveAsync("w2", Stop);
        Assert.Equal(["w1"], (await Store.WorkersAsync(Stop)).Select(worker => worker.Worker));
        Assert.Equal(
            [(111, 5550), (7, 70)],
            (await Store.ThroughputAsync(Time.GetUtcNow().AddHours(-1), Stop)).Select(step => (step.Messages, step.Bytes))
        );
        Assert.Equal([7], (await Store.ThroughputAsync(Time.GetUtcNow().AddSeconds(-20), Stop)).Select(step => step.Messages));
    }

    [Fact]
    public async Task What_is_to_be_done_once_is_taken_by_one_until_it_is_done()
    {
        await using var other = await OpenAsync();
        var answers = await Task.WhenAll(
            Enumerable.Range(0, 10).Select(i => (i % 2 == 0 ? Store : other).TakeAsync(["digest"], s_lease, Stop))
        );
        Assert.Single(answers, taken => taken is ["digest"]);
        Assert.Equal(["another"], await other.TakeAsync(["digest", "another", "another"], s_lease, Stop));
        Assert.Empty(await Store.TakeAsync([], s_lease, Stop));

        await other.DoneAsync(["another"], Stop);
        Time.Advance(s_lease + TimeSpan.FromSeconds(1));
        Assert.Equal(["digest"], await Store.TakeAsync(["another", "digest"], s_lease, Stop));
        Assert.Empty(await other.TakeAsync(["digest"], s_lease, Stop));
        await Store.DoneAsync(["digest"], Stop);
        Time.Advance(TimeSpan.FromDays(30));
        Assert.Empty(await other.TakeAsync(["another", "digest"], s_lease, Stop));
    }

    [Fact]
    public async Task Of_very_many_things_each_is_taken_once()
    {
        List<string> many = [.. Enumerable.Range(0, 2500).Select(i => $"late:{i}")];
        Assert.Equal(many, await Store.TakeAsync(many, s_lease, Stop));
        await Store.DoneAsync(many[..2400], Stop);
        Time.Advance(s_lease + TimeSpan.FromSeconds(1));
        Assert.Equal(many[2400..], await Store.TakeAsync(many, s_lease, Stop));
    }

    private static RunProgressSnapshot Progress => new("Copying", 1, 2, 0, 10, 1, 10, null);

    private static PlannedMailboxRun Planned(string job, string mailbox, params string[] hosts) =>
        new(mailbox, $"imap://{mailbox}@{job}.old:993", $"imap://{mailbox}@{job}.new:993", hosts, null);

    private static JobRunPlan Plan(string job, params string[] mailboxes) =>
        new(job, JobRunTrigger.Schedule, null, null, [.. mailboxes.Select(mailbox => Planned(job, mailbox))]);

    private static ClaimRequest Request(string worker, int atMost) =>
        new(
            worker,
            atMost,
            new Dictionary<string, int?>
            {
                ["nightly"] = null,
                ["large"] = null,
                ["small"] = null,
                ["one"] = null,
                ["two"] = null,
            },
            s_noLimits,
            s_lease
        );

    private static RunEnd End(ClaimedMailboxRun run, MailboxRunState state) =>
        new(run.Run, run.FencingToken, state, s_counts, null, null, TimeSpan.Zero, false);

    private Task<JobRunStarted> StartAsync(string job, params string[] mailboxes) => Store.StartAsync(Plan(job, mailboxes), Stop);

    private Task<IReadOnlyList<ClaimedMailboxRun>> ClaimAsync(string worker, int atMost) => Store.ClaimAsync(Request(worker, atMost), Stop);

    private Task<HeartbeatResponse> HeartbeatAsync(string worker, RunProgressSnapshot progress, params ClaimedMailboxRun[] runs) =>
        Store.HeartbeatAsync(
            new WorkerHeartbeat(
                worker,
                $"machine of {worker}",
                [.. runs.Select(run => new RunHeartbeat(run.Run, run.FencingToken, progress))],
                0,
                0,
                s_lease
            ),
            Stop
        );
}
