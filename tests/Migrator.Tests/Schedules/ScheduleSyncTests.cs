using Migrator.App.Jobs;
using Migrator.Core.Failures;
using Migrator.Core.Jobs;
using Quartz;
using Xunit;
using static Migrator.Tests.Schedules.Definitions;

namespace Migrator.Tests.Schedules;

/// <summary>Job files that come, change and go, and what Quartz makes of it.</summary>
public sealed class ScheduleSyncTests : IDisposable
{
    private const string Hourly = "\"every\": \"1h\"";

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("schedules-");
    private readonly RecordingRunQueue _store = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task A_job_that_comes_while_the_service_runs_is_scheduled()
    {
        await using var worker = await StartAsync("2027-01-01 00:30 +00:00");

        worker.Catalogue.Replace([Job(Hourly)], []);

        Assert.Contains("nightly: the next start is at 2027-01-01 01:00", await worker.LoggedAsync(2110, Stop));
        Assert.Equal(
            Moment("2027-01-01 01:00 +00:00"),
            (await worker.UntilAsync("2027-01-01 01:00 +00:00", _store.NextAsync(Stop))).ScheduledFor
        );
    }

    [Fact]
    public async Task A_schedule_that_changes_counts_at_once()
    {
        await using var worker = await StartAsync("2027-01-01 00:30 +00:00", Job("\"cron\": \"0 1 * * *\", \"timeZone\": \"UTC\""));
        await worker.LoggedAsync(2110, Stop);

        worker.Catalogue.Replace([Job("\"cron\": \"0 2 * * *\", \"timeZone\": \"UTC\"")], []);

        await worker.LoggedAsync(2110, Stop);
        Assert.Equal(
            Moment("2027-01-01 02:00 +00:00"),
            (await worker.UntilAsync("2027-01-01 02:00 +00:00", _store.NextAsync(Stop))).ScheduledFor
        );
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_job_that_goes_or_loses_its_schedule_starts_no_more(bool goes)
    {
        var other = Job("\"every\": \"2h\"", "other");
        await using var worker = await StartAsync("2027-01-01 00:30 +00:00", Job(Hourly), other);

        worker.Catalogue.Replace(goes ? [other] : [Job(null), other], []);

        Assert.Contains("nightly", await worker.LoggedAsync(2111, Stop));
        Assert.Equal("other", (await worker.UntilAsync("2027-01-01 02:00 +00:00", _store.NextAsync(Stop))).Job);
    }

    [Fact]
    public async Task What_the_files_say_of_anything_else_leaves_a_missed_start_in_its_place()
    {
        await using (await StartAsync("2027-01-01 00:30 +00:00", Job(Hourly))) { }

        await using var worker = await StartAsync(
            "2027-01-01 03:30 +00:00",
            Job($"{Hourly}, \"window\": \"20:00-06:00\"", "nightly", "ann", "bob", "cid")
        );

        Assert.Equal(
            Moment("2027-01-01 01:00 +00:00"),
            (await worker.UntilAsync("2027-01-01 01:00 +00:00", _store.NextAsync(Stop))).ScheduledFor
        );
        Assert.False(worker.WasLogged(2110));
    }

    [Fact]
    public async Task Files_that_are_not_found_at_the_start_do_not_take_their_missed_starts_along()
    {
        await using (await StartAsync("2027-01-01 00:30 +00:00", Job(Hourly))) { }

        await using var worker = await StartAsync("2027-01-01 00:40 +00:00");
        Assert.Contains("nightly", await worker.LoggedAsync(2113, Stop));
        Assert.Contains("no job file", await worker.UntilAsync("2027-01-01 01:00 +00:00", worker.LoggedAsync(2103, Stop)));

        worker.Catalogue.Replace([Job(Hourly)], []);
        Assert.Equal(
            Moment("2027-01-01 02:00 +00:00"),
            (await worker.UntilAsync("2027-01-01 02:00 +00:00", _store.NextAsync(Stop))).ScheduledFor
        );
    }

    [Fact]
    public async Task A_file_that_is_gone_at_the_start_takes_its_schedule_along()
    {
        await using (await StartAsync("2027-01-01 00:30 +00:00", Job(Hourly), Job(Hourly, "other"))) { }

        await using var worker = await StartAsync("2027-01-01 00:40 +00:00", Job(Hourly, "other"));

        Assert.Contains("nightly", await worker.LoggedAsync(2111, Stop));
        Assert.Equal(
            ["other"],
            (await (await worker.SchedulerAsync(Stop)).GetJobKeys(GroupMatcher<JobKey>.AnyGroup(), Stop)).Select(key => key.Name)
        );
    }

    [Fact]
    public async Task As_long_as_a_file_is_broken_its_schedule_is_not_taken_for_one_of_a_file_that_is_gone()
    {
        await using (await StartAsync("2027-01-01 00:30 +00:00", Job(Hourly), Job(Hourly, "other"))) { }

        await using var worker = await StartAsync("2027-01-01 00:40 +00:00");
        Assert.Contains("nightly, other", await worker.LoggedAsync(2113, Stop));
        worker.Catalogue.Replace(
            [Job(Hourly, "other")],
            [new BrokenJob("/jobs/nightly.json", [new ConfigurationError("$", "is no JSON.")], Kept: false)]
        );
        Assert.Contains("The schedules of nightly are kept", await worker.LoggedAsync(2113, Stop));
        worker.Catalogue.Replace([Job(Hourly, "other")], []);
        Assert.Contains("nightly", await worker.LoggedAsync(2111, Stop));
    }

    private Task<SchedulingWorker> StartAsync(string now, params IReadOnlyList<JobDefinition> jobs) =>
        SchedulingWorker.StartAsync(now, _store, Path.Combine(_directory.FullName, "quartz.db"), Stop, jobs);
}
