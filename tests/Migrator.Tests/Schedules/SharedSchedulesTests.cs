using Microsoft.Extensions.DependencyInjection;
using Migrator.Core.JobRuns;
using Migrator.Core.Jobs;
using Migrator.Service.Schedules;
using Migrator.Storage.Postgres;
using Migrator.Tests.Servers;
using Quartz;
using Xunit;
using static Migrator.Tests.Schedules.Definitions;

namespace Migrator.Tests.Schedules;

/// <summary>Several workers on one PostgreSQL. On the real clock: on one that jumps, each would take the others for dead.</summary>
public sealed class SharedSchedulesTests(PostgresFixture postgres)
{
    private readonly RecordingRunQueue _store = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_start_is_made_by_one_of_the_workers()
    {
        await using var database = new PostgresDatabase(await (await postgres.StartedAsync()).CreateDatabaseAsync());
        // All read the same files at the same time, as after a power cut.
        var jobs = Enumerable.Range(1, 6).Select(number => Job("\"cron\": \"0 0 3 1 1 ?\"", $"job{number}")).ToArray();
        var workers = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => StartAsync(database, jobs)));
        // Long enough for all of them to have changed their schedules by then, on a busy machine too.
        var soon = TimeProvider.System.GetUtcNow().AddSeconds(15);
        JobDefinition[] due = [.. jobs.Select(job => Job(At(soon), job.Name)), Job(At(soon.AddSeconds(5)), "last")];
        foreach (var worker in workers)
            worker.Catalogue.Replace(due, []);

        var started = new List<string>();
        while (!started.Contains("last"))
            started.Add((await _store.NextAsync(Stop)).Job);
        foreach (var worker in workers)
            await worker.DisposeAsync();

        Assert.Equal(due.Select(job => job.Name).Order(), started.Order());
        Assert.True(_store.IsQuiet);
        // It is still its owner's.
        await database.CreateSchemaAsync(Stop);
    }

    [Fact]
    public async Task A_start_is_not_lost_though_the_database_goes_away_in_the_middle_of_it()
    {
        Assert.SkipUnless(PostgresServer.IsInstalled, "PostgreSQL is not installed: run eng/install-test-servers.sh.");
        await using var own = await PostgresServer.StartAsync();
        await using var database = new PostgresDatabase(await own.CreateDatabaseAsync());
        _store.Before = async () =>
        {
            _store.Before = null;
            await own.StopAsync();
            throw new JobRunStoreException("the database is gone");
        };
        var soon = TimeProvider.System.GetUtcNow().AddSeconds(3);
        await using var worker = await StartAsync(database, Job($"\"at\": \"{soon:yyyy-MM-ddTHH:mm:ss}\", \"timeZone\": \"UTC\""));

        Assert.Contains("trying again in 10 s", await worker.LoggedAsync(2105, Stop).WaitAsync(TimeSpan.FromMinutes(2), Stop));
        await own.StartAgainAsync();

        var plan = await _store.NextAsync(Stop).WaitAsync(TimeSpan.FromMinutes(2), Stop);
        Assert.Equal(("nightly", soon.ToUnixTimeSeconds()), (plan.Job, plan.ScheduledFor!.Value.ToUnixTimeSeconds()));
    }

    [Fact]
    public async Task A_worker_knows_the_others_by_names_of_their_own()
    {
        await using var database = new PostgresDatabase(await (await postgres.StartedAsync()).CreateDatabaseAsync());
        await using var one = await StartAsync(database);
        await using var two = await StartAsync(database);

        var nodes = await (await two.SchedulerAsync(Stop)).QueryClusterNodes(Stop);

        Assert.Equal(2, nodes.Select(node => node.InstanceId).Distinct().Count());
    }

    private static string At(DateTimeOffset moment) => $"\"cron\": \"{moment.Second} * * * * ?\", \"timeZone\": \"UTC\"";

    private Task<SchedulingWorker> StartAsync(PostgresDatabase database, params IReadOnlyList<JobDefinition> jobs) =>
        SchedulingWorker.StartAsync(TimeProvider.System, _store, services => services.AddSharedSchedules(database), Stop, jobs);
}
