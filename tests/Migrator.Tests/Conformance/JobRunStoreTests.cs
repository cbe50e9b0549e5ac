using Migrator.Core.JobRuns;
using Migrator.Storage.JobRuns;
using Migrator.Storage.Postgres;
using Migrator.Tests.Servers;
using Npgsql;
using Xunit;

namespace Migrator.Tests.Conformance;

public sealed class SqliteJobRunStoreTests : JobRunStoreConformance
{
    private readonly string _directory = Directory.CreateTempSubdirectory("rounds").FullName;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    protected override Task<JobRunStore> OpenAsync() =>
        Task.FromResult<JobRunStore>(JobRunStore.Sqlite(Path.Combine(_directory, "job-runs.db"), Time));
}

public sealed class PostgresJobRunStoreTests(PostgresFixture postgres) : JobRunStoreConformance
{
    private string? _database;

    protected override async Task<JobRunStore> OpenAsync() =>
        JobRunStore.Postgres(new PostgresDatabase(_database ??= await (await postgres.StartedAsync()).CreateDatabaseAsync()), true, Time);

    [Fact]
    public async Task A_JobRun_of_thousands_is_recorded_before_anybody_is_missed()
    {
        var said = 0;
        await using var proxy = new LoopbackProxy((await postgres.StartedAsync()).Port)
        {
            Sees = (fromServer, _) => Interlocked.Add(ref said, fromServer ? 0 : 1),
        };
        var database = new NpgsqlConnectionStringBuilder(await (await postgres.StartedAsync()).CreateDatabaseAsync()) { Port = proxy.Port };
        await using var store = JobRunStore.Postgres(new PostgresDatabase(database.ConnectionString), owned: true);
        var runs = Enumerable
            .Range(0, 3000)
            .Select(i => new PlannedMailboxRun($"m{i}", $"imap://m{i}@old:993", $"imap://m{i}@new:993", ["old", "new"], null))
            .ToList();
        var started = await store.StartAsync(
            new JobRunPlan("large", JobRunTrigger.Manual, null, null, runs),
            TestContext.Current.CancellationToken
        );
        Assert.Equal(3000, started.Runs);
        // While the job run is recorded no worker sends a heartbeat, and no lease is renewed: how often the two wait for each other counts.
        Assert.InRange(said, 1, 500);
    }
}
