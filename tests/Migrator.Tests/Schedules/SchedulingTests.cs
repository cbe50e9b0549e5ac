using Migrator.Core.Jobs;
using Migrator.Core.Rounds;
using Migrator.Worker.Schedules;
using Quartz;
using Xunit;
using static Migrator.Tests.Schedules.Definitions;

namespace Migrator.Tests.Schedules;

/// <summary>The whole of it: Quartz with its file, on a clock that the test moves.</summary>
public sealed class SchedulingTests : IDisposable
{
    private static readonly TimeSpan s_step = TimeSpan.FromSeconds(10);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("schedules-");
    private readonly RecordingRoundStore _store = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task A_job_starts_at_its_time()
    {
        await using var worker = await StartAsync("2027-01-01 02:29:50 +01:00", Job("\"cron\": \"30 2 * * *\", \"timeZone\": \"Europe/Berlin\"", "nightly", "ann", "bob"));

        var plan = await worker.UntilAsync(_store.NextAsync(Stop), s_step);

        Assert.Equal(("nightly", RoundCause.Schedule, Moment("2027-01-01 02:30 +01:00"), null), (plan.Job, plan.Cause, plan.ScheduledFor, plan.OnlyWorker));
        Assert.Equal(["ann", "bob"], plan.Runs.Select(run => run.Mailbox));
    }

    private Task<SchedulingWorker> StartAsync(string now, params IReadOnlyList<JobDefinition> jobs) => SchedulingWorker.StartAsync(now, _store, Path.Combine(_directory.FullName, "quartz.db"), Stop, jobs);
}
