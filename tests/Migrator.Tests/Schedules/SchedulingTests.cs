using Migrator.Core.JobRuns;
using Migrator.Core.Jobs;
using Quartz;
using Xunit;
using static Migrator.Tests.Schedules.Definitions;

namespace Migrator.Tests.Schedules;

/// <summary>The whole of it: Quartz with its file, on a clock that the test moves.</summary>
public sealed class SchedulingTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("schedules-");
    private readonly RecordingRunQueue _store = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task A_job_starts_at_its_time()
    {
        await using var worker = await StartAsync(
            "2027-01-01 02:29:50 +01:00",
            Job("\"cron\": \"30 2 * * *\", \"timeZone\": \"Europe/Berlin\"", "nightly", "ann", "bob")
        );

        var plan = await worker.UntilAsync("2027-01-01 02:30 +01:00", _store.NextAsync(Stop));

        Assert.Equal(
            ("nightly", JobRunTrigger.Schedule, Moment("2027-01-01 02:30 +01:00"), null),
            (plan.Job, plan.Cause, plan.ScheduledFor, plan.OnlyWorker)
        );
        Assert.Equal(["ann", "bob"], plan.Runs.Select(run => run.Mailbox));
    }

    [Theory]
    [InlineData("\"cron\": \"0 * * * *\"")]
    [InlineData("\"every\": \"1h\"")]
    public async Task Starts_that_were_missed_while_the_service_was_down_are_made_up_for_once(string schedule)
    {
        var job = Job($"{schedule}, \"timeZone\": \"UTC\"");
        await using (await StartAsync("2027-01-01 00:30 +00:00", job)) { }

        await using var worker = await StartAsync("2027-01-01 03:30 +00:00", job);

        // At once, for the first that was missed.
        Assert.Equal(
            Moment("2027-01-01 01:00 +00:00"),
            (await worker.UntilAsync("2027-01-01 01:00 +00:00", _store.NextAsync(Stop))).ScheduledFor
        );
        // And then at the hours as before.
        Assert.Equal(
            Moment("2027-01-01 04:00 +00:00"),
            (await worker.UntilAsync("2027-01-01 04:00 +00:00", _store.NextAsync(Stop))).ScheduledFor
        );
        Assert.Equal(
            Moment("2027-01-01 05:00 +00:00"),
            (await worker.UntilAsync("2027-01-01 05:00 +00:00", _store.NextAsync(Stop))).ScheduledFor
        );
    }

    [Theory]
    [InlineData("\"cron\": \"0 * * * *\"")]
    [InlineData("\"every\": \"1h\"")]
    public async Task Or_left_out(string schedule)
    {
        var job = Job($"{schedule}, \"timeZone\": \"UTC\", \"misfire\": \"skip\"");
        await using (await StartAsync("2027-01-01 00:30 +00:00", job)) { }

        await using var worker = await StartAsync("2027-01-01 03:30 +00:00", job);

        Assert.Equal(
            Moment("2027-01-01 04:00 +00:00"),
            (await worker.UntilAsync("2027-01-01 04:00 +00:00", _store.NextAsync(Stop))).ScheduledFor
        );
    }

    [Fact]
    public async Task A_one_off_that_was_missed_is_made_up_for_and_never_comes_again()
    {
        var (once, hourly) = (
            Job("\"at\": \"2027-01-01T02:00\", \"timeZone\": \"Europe/Berlin\"", "once"),
            Job("\"every\": \"1h\", \"misfire\": \"skip\"", "hourly")
        );
        await using (await StartAsync("2027-01-01 00:30 +00:00", once)) { }

        await using (var worker = await StartAsync("2027-01-01 03:30 +00:00", once))
        {
            var plan = await worker.UntilAsync("2027-01-01 03:30 +00:00", _store.NextAsync(Stop));
            Assert.Equal(("once", Moment("2027-01-01 01:00 +00:00")), (plan.Job, plan.ScheduledFor));
            await worker.LoggedAsync(2100, Stop);
        }

        await using var again = await StartAsync("2027-01-01 04:30 +00:00", once, hourly);
        Assert.Equal("hourly", (await again.UntilAsync("2027-01-01 05:00 +00:00", _store.NextAsync(Stop))).Job);
    }

    [Fact]
    public async Task A_one_off_that_may_not_be_late_is_left_out()
    {
        var (once, hourly) = (
            Job("\"at\": \"2027-01-01T01:00\", \"timeZone\": \"UTC\", \"misfire\": \"skip\"", "once"),
            Job("\"every\": \"1h\"", "hourly")
        );
        await using (await StartAsync("2027-01-01 00:30 +00:00", once)) { }

        await using var worker = await StartAsync("2027-01-01 03:30 +00:00", once, hourly);

        Assert.Equal("hourly", (await worker.UntilAsync("2027-01-01 04:00 +00:00", _store.NextAsync(Stop))).Job);
    }

    [Fact]
    public async Task A_one_off_that_was_long_past_when_its_file_came_is_reported()
    {
        await using var worker = await StartAsync(
            "2027-02-01 00:00 +00:00",
            Job("\"at\": \"2027-01-01T01:00\", \"timeZone\": \"UTC\"", "once")
        );

        Assert.Contains("once will not start automatically", await worker.LoggedAsync(2112, Stop));
    }

    [Fact]
    public async Task A_job_that_is_paused_starts_nothing_until_it_continues()
    {
        _store.Paused["nightly"] = true;
        await using var worker = await StartAsync("2027-01-01 00:59:30 +00:00", Job("\"every\": \"1h\""));

        Assert.Contains("2027-01-01 01:00", await worker.UntilAsync("2027-01-01 01:00 +00:00", worker.LoggedAsync(2102, Stop)));
        Assert.True(_store.IsQuiet);

        _store.Paused["nightly"] = false;
        Assert.Equal(
            Moment("2027-01-01 02:00 +00:00"),
            (await worker.UntilAsync("2027-01-01 02:00 +00:00", _store.NextAsync(Stop))).ScheduledFor
        );
    }

    [Fact]
    public async Task Jitter_puts_a_start_off_within_its_bounds_and_keeps_what_it_was_scheduled_for()
    {
        var scheduled = Moment("2027-01-01 01:00 +00:00");
        var jobs = Enumerable
            .Range(1, 8)
            .Select(number => Job("\"cron\": \"0 1 * * *\", \"timeZone\": \"UTC\", \"jitter\": \"20m\"", $"job{number}"))
            .ToArray();
        await using var worker = await StartAsync("2027-01-01 00:59:30 +00:00", jobs);

        for (var number = 0; number < jobs.Length; number++)
            await worker.UntilAsync("2027-01-01 01:00 +00:00", worker.LoggedAsync(2104, Stop));
        var scheduler = await worker.SchedulerAsync(Stop);
        var moments = new List<DateTimeOffset>();
        foreach (var job in jobs)
            moments.Add(
                (await scheduler.GetTrigger(new TriggerKey($"{job.Name} {scheduled:O}", "jobs"), Stop))?.NextFireTimeUtc ?? scheduled
            );
        Assert.All(moments, moment => Assert.InRange(moment, scheduled, scheduled.AddMinutes(20)));
        Assert.True(moments.Distinct().Count() > 1);

        for (var number = 0; number < jobs.Length; number++)
            Assert.Equal(scheduled, (await worker.UntilAsync("2027-01-01 01:20 +00:00", _store.NextAsync(Stop))).ScheduledFor);
    }

    [Fact]
    public async Task Mailboxes_whose_earlier_run_is_not_over_are_reported()
    {
        _store.StillRunning = ["bob"];
        await using var worker = await StartAsync("2027-01-01 00:59:30 +00:00", Job("\"every\": \"1h\"", "nightly", "ann", "bob"));

        Assert.Contains(
            "left out of this job run, because their earlier run has not ended: bob (in all: 1)",
            await worker.UntilAsync("2027-01-01 01:00 +00:00", worker.LoggedAsync(2101, Stop))
        );
    }

    [Fact]
    public async Task A_store_that_does_not_answer_is_asked_again()
    {
        _store.Failures = 2;
        await using var worker = await StartAsync("2027-01-01 00:59:30 +00:00", Job("\"cron\": \"0 1 * * *\", \"timeZone\": \"UTC\""));

        Assert.Contains(
            "trying again in 60 s: the database is gone",
            await worker.UntilAsync("2027-01-01 01:00 +00:00", worker.LoggedAsync(2105, Stop))
        );
        await worker.UntilAsync("2027-01-01 01:01 +00:00", worker.LoggedAsync(2105, Stop));
        Assert.Equal(
            Moment("2027-01-01 01:00 +00:00"),
            (await worker.UntilAsync("2027-01-01 01:02 +00:00", _store.NextAsync(Stop))).ScheduledFor
        );
    }

    [Fact]
    public async Task A_start_that_a_shutdown_breaks_off_is_made_again_for_the_same_moment()
    {
        var job = Job("\"cron\": \"0 1 * * *\", \"timeZone\": \"UTC\"");
        _store.Hangs = true;
        await using (var worker = await StartAsync("2027-01-01 00:59:30 +00:00", job))
            await worker.UntilAsync("2027-01-01 01:00 +00:00", _store.NextAsync(Stop));
        _store.Hangs = false;

        await using var again = await StartAsync("2027-01-01 01:05 +00:00", job);

        Assert.Equal(
            Moment("2027-01-01 01:00 +00:00"),
            (await again.UntilAsync("2027-01-01 01:00 +00:00", _store.NextAsync(Stop))).ScheduledFor
        );
    }

    private Task<SchedulingWorker> StartAsync(string now, params IReadOnlyList<JobDefinition> jobs) =>
        SchedulingWorker.StartAsync(now, _store, Path.Combine(_directory.FullName, "quartz.db"), Stop, jobs);
}
