using Microsoft.Data.Sqlite;
using Migrator.Core.JobRuns;
using Migrator.Storage.JobRuns;
using Migrator.Storage.Postgres;
using Migrator.Tests.Servers;
using Npgsql;
using Xunit;

namespace Migrator.Tests.Storage;

/// <summary>A database of version 0.1, whose tables and columns had other names, is brought to the present ones with all that it
/// holds.</summary>
public sealed class OlderJobRunsTests(PostgresFixture postgres)
{
    private const int Version = 3;
    private const string Former = "rounds.db";
    private const string Data = """
        INSERT INTO round (job, cause, started, finished, told, sums) VALUES ('nightly', 1, 1000, 2000, 3000,
            '{"Runs":{"Waiting":0,"Running":0,"Complete":1,"Partial":0,"Failed":0,"Cancelled":0},'
            || '"Messages":{"Found":7,"Delivered":7,"AlreadyThere":0,"Vanished":0,'
            || '"Skipped":0,"Failed":0,"Remaining":0,"DeliveredOctets":77}}');
        INSERT INTO run (round_id, job, mailbox, source, target, hosts, state, attempt, fence,
                queued, not_before, started, finished, headway, found, delivered, octets)
            VALUES (1, 'nightly', 'ann', 'imap://ann@old:993', 'imap://ann@new:993', 'old new', 2, 1, 1, 1000, 1000, 1100, 2000,
                '{"Octets":5}', 7, 7, 77);
        INSERT INTO report (run_id, report) VALUES (1, '{"schema":1,"total":{"deliveredOctets":77},"subject":"\"deliveredOctets\":"}');
        INSERT INTO mailbox_state (job, mailbox, last_run, last_good) VALUES ('nightly', 'ann', 1, 2000);
        INSERT INTO worker (id, machine, started, last_beat) VALUES ('w', 'm', 1000, 2000);
        INSERT INTO throughput (at, worker, messages, octets) VALUES (2000, 'w', 7, 77);
        """;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Of_SQLite()
    {
        var directory = Directory.CreateTempSubdirectory("older");
        try
        {
            // As a worker leaves it that was killed: all that it holds is still in the write-ahead log.
            await using (var connection = await OpenAsync(Path.Combine(directory.CreateSubdirectory("killed").FullName, Former)))
            {
                foreach (var file in Directory.EnumerateFiles(Path.Combine(directory.FullName, "killed")))
                    if (!file.EndsWith("-shm", StringComparison.Ordinal))
                        File.Copy(file, Path.Combine(directory.FullName, Path.GetFileName(file)));
            }
            Assert.NotEqual(0, new FileInfo(Path.Combine(directory.FullName, $"{Former}-wal")).Length);

            await using var store = JobRunStore.Sqlite(Path.Combine(directory.FullName, "job-runs.db"), TimeProvider.System);

            await HoldsAllAsync(store);
            Assert.Empty(Directory.EnumerateFiles(directory.FullName, $"{Former}*"));
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task A_file_that_another_process_uses_is_not_renamed()
    {
        var directory = Directory.CreateTempSubdirectory("older");
        try
        {
            var path = Path.Combine(directory.FullName, "job-runs.db");
            await using (await OpenAsync(Path.Combine(directory.FullName, Former)))
            {
                await using var early = JobRunStore.Sqlite(path, TimeProvider.System);
                var refused = await Assert.ThrowsAsync<JobRunStoreException>(() => early.JobRunsAsync("nightly", 10, Stop));
                Assert.Contains("locked by another program", refused.Message);
                Assert.False(File.Exists(path));
            }

            await using var store = JobRunStore.Sqlite(path, TimeProvider.System);
            await HoldsAllAsync(store);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    /// <summary>A database of that version, in use.</summary>
    private static async Task<SqliteConnection> OpenAsync(string path)
    {
        var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        await connection.OpenAsync(Stop);
        await using var command = connection.CreateCommand();
        command.CommandText =
            $"PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; {Scripts("Sqlite")}{Data}PRAGMA user_version = {Version}";
        await command.ExecuteNonQueryAsync(Stop);
        return connection;
    }

    [Fact]
    public async Task Of_PostgreSQL()
    {
        var database = await (await postgres.StartedAsync()).CreateDatabaseAsync();
        await using (var source = NpgsqlDataSource.Create(database))
        {
            await using var command = source.CreateCommand(
                "CREATE SCHEMA migrator; CREATE TABLE migrator.rounds_schema (version INTEGER NOT NULL); "
                    + $"INSERT INTO migrator.rounds_schema VALUES ({Version}); "
                    + $"SET search_path = migrator; {Scripts("Postgres")}{Data}"
            );
            await command.ExecuteNonQueryAsync(Stop);
        }
        await using var store = JobRunStore.Postgres(new PostgresDatabase(database), owned: true);
        await HoldsAllAsync(store);
    }

    private static async Task HoldsAllAsync(JobRunStore store)
    {
        var jobRun = Assert.Single(await store.JobRunsAsync("nightly", 10, Stop));
        Assert.Equal(
            (JobRunTrigger.Manual, true, 7, 77),
            (jobRun.Cause, jobRun.Notified, jobRun.Messages.Delivered, jobRun.Messages.DeliveredBytes)
        );
        var mailbox = Assert.Single(await store.MailboxesAsync("nightly", Stop));
        Assert.Equal((MailboxRunState.Complete, 77), (mailbox.State, mailbox.Counts.DeliveredBytes));
        Assert.Equal(DateTimeOffset.FromUnixTimeMilliseconds(2000), mailbox.LastSuccess);
        Assert.Null(mailbox.Progress);
        // What a person wrote is not a name.
        Assert.Equal("""{"schema":2,"total":{"deliveredBytes":77},"subject":"\"deliveredOctets\":"}""", await store.ReportAsync(1, Stop));
        Assert.Equal(77, Assert.Single(await store.ThroughputAsync(DateTimeOffset.UnixEpoch, Stop)).Bytes);
    }

    private static string Scripts(string kind)
    {
        var assembly = typeof(JobRunStore).Assembly;
        var names = assembly
            .GetManifestResourceNames()
            .Where(name => name.Contains($"JobRuns.Migrations.{kind}.", StringComparison.Ordinal));
        return string.Concat(
            names
                .Order(StringComparer.Ordinal)
                .Take(Version)
                .Select(name =>
                {
                    using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
                    return reader.ReadToEnd();
                })
        );
    }
}
