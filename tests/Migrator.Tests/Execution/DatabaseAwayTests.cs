using Migrator.Core.JobRuns;
using Migrator.Storage.JobRuns;
using Migrator.Storage.Postgres;
using Migrator.Tests.Servers;
using Migrator.Tests.Telemetry;
using Npgsql;
using Xunit;

namespace Migrator.Tests.Execution;

/// <summary>The database goes away in the middle of everything, for longer than leases last.</summary>
public sealed class DatabaseAwayTests(DovecotFixture servers)
{
    private const int Running = 4;

    [Fact]
    public async Task Mailboxes_stop_while_the_database_is_away_and_go_on_when_it_is_back()
    {
        Assert.SkipUnless(PostgresServer.IsInstalled, "PostgreSQL is not installed: run eng/install-test-servers.sh.");
        var stop = TestContext.Current.CancellationToken;
        await using var postgres = await PostgresServer.StartAsync();
        var database = await postgres.CreateDatabaseAsync();
        await using var organisation = new Organisation(servers.Old, servers.New, 6, 60, 2000);
        var connection = Path.Combine(organisation.State, "database.txt");
        await File.WriteAllTextAsync(connection, database, stop);
        var (appended, heldUp, goOn) = (0, new TaskCompletionSource(), new TaskCompletionSource());
        await using var proxy = new LoopbackProxy(servers.New.ImapPort)
        {
            Sees = (fromServer, text) =>
            {
                if (fromServer && text.Contains("APPENDUID", StringComparison.Ordinal) && Interlocked.Increment(ref appended) == 1)
                    heldUp.TrySetResult();
            },
            HoldUp = () => heldUp.Task.IsCompleted ? goOn.Task : Task.CompletedTask,
        };
        organisation.WriteJob(targetPort: proxy.Port);
        organisation.WriteSettings(
            $$"""
            { "CheckpointStore": "PostgreSQL", "ConnectionStrings": { "Migrator": "file:{{connection}}" },
              "Worker": { "MaxConcurrency": {{Running}}, "PerHost": { "Default": {{Running}} } } }
            """
        );
        using var service = organisation.ServeAt(out var url);
        var triggered = await organisation.RunAsync("jobs", "trigger", "move");
        Assert.True(triggered.Code == 0, triggered.Output + triggered.Errors);
        await heldUp.Task.WaitAsync(TimeSpan.FromMinutes(2), stop);

        await postgres.StopAsync();
        // No lease outlives 30 seconds without the database: whatever is under way ends, and nothing new begins.
        await ServeTests.UntilAsync(service, async () => await EndedAsync(url) == Running);
        // What was on its way to the server arrives all the same.
        goOn.SetResult();
        await postgres.StartAgainAsync();

        await using (var store = JobRunStore.Postgres(new PostgresDatabase(database), owned: true))
        {
            await ServeTests.UntilAsync(
                service,
                async () => (await store.MailboxesAsync("move", stop)).All(mailbox => mailbox.State >= MailboxRunState.Complete)
            );
            Assert.All(
                await store.MailboxesAsync("move", stop),
                mailbox => Assert.True(mailbox.State == MailboxRunState.Complete, $"{mailbox.Mailbox}: {mailbox.State} {mailbox.Failure}")
            );
        }
        service.Interrupt();
        var (code, output, errors) = await service.EndAsync();
        Assert.True(code == 0, output + errors);
        Assert.Contains("cannot be reached", output + errors);
        await organisation.ShouldHaveMovedAsync(organisation.People);
    }

    [Fact]
    public async Task A_service_that_is_told_to_stop_while_the_database_says_nothing_stops_in_order()
    {
        Assert.SkipUnless(PostgresServer.IsInstalled, "PostgreSQL is not installed: run eng/install-test-servers.sh.");
        var stop = TestContext.Current.CancellationToken;
        await using var postgres = await PostgresServer.StartAsync();
        var direct = new NpgsqlConnectionStringBuilder(await postgres.CreateDatabaseAsync());
        var (frozen, heldUp, goOn) = (new TaskCompletionSource(), new TaskCompletionSource(), new TaskCompletionSource());
        // Until the service has several calls under way that nobody answers: its beat, its claims, its schedules.
        var (unanswered, stuck) = (0, new TaskCompletionSource());
        await using var way = new LoopbackProxy(direct.Port)
        {
            HoldUp = () =>
            {
                if (!frozen.Task.IsCompleted)
                    return Task.CompletedTask;
                if (Interlocked.Increment(ref unanswered) == 4)
                    stuck.TrySetResult();
                return goOn.Task;
            },
        };
        await using var target = new LoopbackProxy(servers.New.ImapPort)
        {
            Sees = (fromServer, text) =>
            {
                if (fromServer && text.Contains("APPENDUID", StringComparison.Ordinal))
                    heldUp.TrySetResult();
            },
            HoldUp = () => heldUp.Task.IsCompleted ? goOn.Task : Task.CompletedTask,
        };
        await using var organisation = new Organisation(servers.Old, servers.New, 2, 60, 2000);
        var connection = Path.Combine(organisation.State, "database.txt");
        await File.WriteAllTextAsync(
            connection,
            new NpgsqlConnectionStringBuilder(direct.ConnectionString) { Port = way.Port }.ConnectionString,
            stop
        );
        organisation.WriteJob(targetPort: target.Port);
        organisation.WriteSettings($$"""{ "CheckpointStore": "PostgreSQL", "ConnectionStrings": { "Migrator": "file:{{connection}}" } }""");
        using var service = organisation.Serve("--json");
        var triggered = await organisation.RunAsync("jobs", "trigger", "move");
        Assert.True(triggered.Code == 0, triggered.Output + triggered.Errors);
        await heldUp.Task.WaitAsync(TimeSpan.FromMinutes(2), stop);

        frozen.SetResult();
        await stuck.Task.WaitAsync(TimeSpan.FromMinutes(2), stop);
        service.Interrupt();

        var (code, output, errors) = await service.EndAsync();
        goOn.SetResult();
        Assert.True(code == 0, $"{code}: {output}{errors}");
        Assert.Contains("running mailboxes stop at their next safe point", output + errors);
    }

    /// <summary>How many runs came to an end, of whatever kind, on this worker.</summary>
    private static async Task<int> EndedAsync(string url)
    {
        using var http = new HttpClient();
        var text = await http.GetStringAsync($"{url}/metrics", TestContext.Current.CancellationToken);
        return (int)PrometheusText.Parse(text).Of("migrator_mailbox_run_duration_seconds_count").Sum(sample => sample.Value);
    }
}
