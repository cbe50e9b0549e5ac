using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Time.Testing;
using Migrator.App.Execution;
using Migrator.Core.JobRuns;
using Migrator.Service.Execution;
using Migrator.Storage.JobRuns;
using Migrator.Storage.Postgres;
using Migrator.Tests.Servers;
using Npgsql;
using Xunit;

namespace Migrator.Tests.Execution;

/// <summary>A worker that could only read is not ready; strangers are not shown why.</summary>
public sealed class ReadinessTests(DovecotFixture servers, PostgresFixture postgres) : IDisposable
{
    private const string Token = "a-token-that-nobody-guesses";
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("ready");
    private readonly FakeTimeProvider _time = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Delete(recursive: true);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_state_directory_that_becomes_read_only_is_reported_to_those_who_may_look(bool asksForLogin)
    {
        await using var organisation = new Organisation(servers.Old, servers.New, 0, 0)
        {
            Environment = new Dictionary<string, string> { ["MIGRATOR_TEST_TOKEN"] = Token },
        };
        using var service = organisation.ServeAt(out var url, asksForLogin ? ["--set", "Dashboard:Token=env:MIGRATOR_TEST_TOKEN"] : []);
        await ServeTests.UntilAsync(service, async () => await CodeAsync(url) == HttpStatusCode.OK);
        var files = Files(organisation.State);
        for (var probe = 0; probe < 50; probe++)
            Assert.Equal(HttpStatusCode.OK, await CodeAsync(url));
        Assert.Equal(files, Files(organisation.State));

        await ReadOnlyMount.WhileAsync(
            organisation.State,
            async () =>
            {
                await ServeTests.UntilAsync(service, async () => await CodeAsync(url) == HttpStatusCode.ServiceUnavailable);
                // Without a login, anyone who reaches the page is on this machine; a name that is not ours is another site's way in.
                var stranger = await AskAsync(url, null, asksForLogin ? "localhost" : "evil.example");
                var known = await AskAsync(url, asksForLogin ? Token : null, "localhost");
                Assert.Equal("""{"status":"unhealthy"}""", stranger);
                Assert.Contains(
                    $"The state directory {organisation.State} cannot be written: ",
                    JsonDocument.Parse(known).RootElement.GetProperty("problems")[0].GetString()
                );
            }
        );

        await ServeTests.UntilAsync(service, async () => await CodeAsync(url) == HttpStatusCode.OK);
        service.Interrupt();
        var (code, output, errors) = await service.EndAsync();
        Assert.True(code == 0, errors);
        Assert.Contains($"This worker is not ready: The state directory {organisation.State} cannot be written", output);
    }

    [Fact]
    public async Task A_database_that_can_be_read_and_not_written_makes_a_worker_unready_until_it_can()
    {
        await using var organisation = new Organisation(servers.Old, servers.New, 0, 0);
        using var service = organisation.ServeAt(out var url);
        await ServeTests.UntilAsync(service, async () => await CodeAsync(url) == HttpStatusCode.OK);

        await using (var other = await DatabaseAsync(organisation))
        await using (var reader = await DatabaseAsync(organisation))
        {
            await using var writing = other.BeginTransaction(deferred: false);
            await ServeTests.UntilAsync(service, async () => await CodeAsync(url) == HttpStatusCode.ServiceUnavailable);
            // Reading is not hindered by it.
            await using var command = reader.CreateCommand();
            command.CommandText = "SELECT count(*) FROM worker";
            Assert.Equal(1L, await command.ExecuteScalarAsync(Stop));
        }

        await ServeTests.UntilAsync(service, async () => await CodeAsync(url) == HttpStatusCode.OK);
        service.Interrupt();
        Assert.Equal(0, (await service.EndAsync()).Code);
    }

    [Fact]
    public async Task A_file_of_a_database_that_is_read_only_is_noticed_by_the_next_heartbeat()
    {
        var path = Path.Combine(_directory.FullName, "job-runs.db");
        var heartbeat = new Heartbeat(_time);
        await using (var before = JobRunStore.Sqlite(path, _time))
        {
            await heartbeat.ObserveAsync(HeartbeatAsync(before));
            Assert.Null(heartbeat.Problem);
        }

        await ReadOnlyMount.WhileAsync(
            _directory.FullName,
            async () =>
            {
                await using var store = JobRunStore.Sqlite(path, _time);
                await Assert.ThrowsAsync<JobRunStoreException>(() => heartbeat.ObserveAsync(HeartbeatAsync(store)));
                Assert.StartsWith($"{path} cannot be ", heartbeat.Problem);
            }
        );
    }

    [Fact]
    public async Task A_server_that_has_become_read_only_is_noticed_by_the_next_heartbeat()
    {
        var database = await (await postgres.StartedAsync()).CreateDatabaseAsync();
        var heartbeat = new Heartbeat(_time);
        await using var store = JobRunStore.Postgres(new PostgresDatabase(database), owned: true);
        await heartbeat.ObserveAsync(HeartbeatAsync(store));
        await using (
            var administrator = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(database) { Pooling = false }.ConnectionString)
        )
        {
            await administrator.OpenAsync(Stop);
            await using var command = new NpgsqlCommand(
                $"""
                ALTER DATABASE "{administrator.Database}" SET default_transaction_read_only = on;
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid();
                """,
                administrator
            );
            await command.ExecuteNonQueryAsync(Stop);
        }

        await Assert.ThrowsAsync<JobRunStoreException>(() => heartbeat.ObserveAsync(HeartbeatAsync(store)));

        Assert.NotNull(heartbeat.Problem);
        // It still answers.
        await store.NowAsync(Stop);
    }

    [Fact]
    public async Task A_store_that_says_nothing_is_noticed()
    {
        var heartbeat = new Heartbeat(_time);
        Assert.NotNull(heartbeat.Problem);
        await heartbeat.ObserveAsync(Task.FromResult(1));
        _ = heartbeat.ObserveAsync(new TaskCompletionSource<int>().Task);

        _time.Advance(Heartbeat.Stale - TimeSpan.FromSeconds(1));
        Assert.Null(heartbeat.Problem);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.NotNull(heartbeat.Problem);
    }

    [Fact]
    public void What_a_crash_left_behind_is_no_problem_and_a_directory_that_is_gone_is_one()
    {
        var probe = new StateDirectoryProbe(_directory.FullName, _time);
        File.WriteAllText(Path.Combine(_directory.FullName, "writable.probe"), "x");
        Assert.Null(probe.Problem());
        Assert.Empty(_directory.GetFiles());
        var gone = new StateDirectoryProbe(Path.Combine(_directory.FullName, "gone"), _time);
        Assert.NotNull(gone.Problem());
        Directory.CreateDirectory(Path.Combine(_directory.FullName, "gone"));
        // Anyone who asks again at once gets the same answer.
        Assert.NotNull(gone.Problem());
        _time.Advance(StateDirectoryProbe.Every);
        Assert.Null(gone.Problem());
    }

    private static Task<HeartbeatResponse> HeartbeatAsync(IRunQueue store) =>
        store.HeartbeatAsync(new WorkerHeartbeat("w1", "here", [], 0, 0, TimeSpan.FromSeconds(30)), Stop);

    private static async Task<SqliteConnection> DatabaseAsync(Organisation organisation)
    {
        var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder { DataSource = Path.Combine(organisation.State, "job-runs.db"), Pooling = false }.ToString()
        );
        await connection.OpenAsync(Stop);
        return connection;
    }

    private static string[] Files(string directory) => [.. Directory.GetFiles(directory).Order()];

    private static async Task<HttpStatusCode> CodeAsync(string url)
    {
        using var client = new HttpClient();
        try
        {
            using var answer = await client.GetAsync(url + "/health/ready", Stop);
            return answer.StatusCode;
        }
        catch (HttpRequestException)
        {
            return 0;
        }
    }

    private static async Task<string> AskAsync(string url, string? token, string host)
    {
        using var client = new HttpClient();
        client.DefaultRequestHeaders.Host = host;
        if (token is not null)
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var answer = await client.GetAsync(url + "/health/ready", Stop);
        Assert.False(answer.Headers.Contains("Server"));
        return await answer.Content.ReadAsStringAsync(Stop);
    }
}
