using System.Data.Common;
using Microsoft.Data.Sqlite;
using Migrator.Core.Checkpoints;
using Migrator.Core.Files;
using Migrator.Core.JobRuns;
using Migrator.Storage.Sql;
using Migrator.Storage.Sqlite;

namespace Migrator.Storage.JobRuns;

/// <summary>A file beside the checkpoints: for one machine.</summary>
internal sealed class SqliteJobRunDatabase(string path, TimeProvider time) : JobRunDatabase
{
    // In version 0.1.
    private const string FormerName = "rounds.db";

    private readonly string _connection = new SqliteConnectionStringBuilder
    {
        DataSource = path,
        ForeignKeys = true,
        DefaultTimeout = 30,
    }.ToString();
    private readonly SemaphoreSlim _writing = new(1);

    public override string In(string list, int count) => $"IN ({string.Join(", ", SqlCommands.Names(list, count))})";

    public override ValueTask DisposeAsync()
    {
        // The pool keeps the file open, and a directory with it cannot be removed on some systems.
        using var connection = new SqliteConnection(_connection);
        SqliteConnection.ClearPool(connection);
        return ValueTask.CompletedTask;
    }

    protected override async Task<DbConnection> OpenAsync(CancellationToken cancellationToken)
    {
        var connection = new SqliteConnection(_connection);
        await connection.OpenAsync(cancellationToken);
        return connection;
    }

    protected override async Task<DbTransaction> BeginAsync(DbConnection connection, bool writes, CancellationToken cancellationToken) =>
        // Not deferred: a transaction that began by reading could not become a writer while another process writes.
        await Task.FromResult(((SqliteConnection)connection).BeginTransaction(deferred: !writes));

    protected override Task<DateTimeOffset> NowAsync(DbConnection connection, DbTransaction transaction) =>
        Task.FromResult(time.GetUtcNow());

    protected override async Task UpgradeSchemaAsync(CancellationToken cancellationToken)
    {
        try
        {
            await AdoptAsync(Path.Combine(Path.GetDirectoryName(path)!, FormerName), cancellationToken);
            PrivateFiles.Reserve(path);
            await using var connection = (SqliteConnection)await OpenAsync(cancellationToken);
            await using (var command = connection.CreateCommand())
            {
                command.CommandText = "PRAGMA journal_mode = WAL";
                await command.ExecuteNonQueryAsync(cancellationToken);
            }
            SqliteSchema.Upgrade(connection, "JobRuns.Migrations.Sqlite");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new JobRunStoreException(
                $"{path} cannot be used: {exception.Message} Check the rights, or name another state directory with --state.",
                exception
            );
        }
        catch (CheckpointException exception)
        {
            throw new JobRunStoreException(exception.Message, exception);
        }
    }

    private async Task AdoptAsync(string former, CancellationToken cancellationToken)
    {
        if (File.Exists(path) || !File.Exists(former))
            return;
        // Renamed while its write-ahead log stays behind, it would lose what is in the log. To leave this mode merges the log, and is
        // refused while another process has the file open.
        var options = new SqliteConnectionStringBuilder
        {
            DataSource = former,
            Mode = SqliteOpenMode.ReadWrite,
            Pooling = false,
            DefaultTimeout = 5,
        };
        await using (var connection = new SqliteConnection(options.ToString()))
        {
            await connection.OpenAsync(cancellationToken);
            await using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA journal_mode = DELETE";
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
        try
        {
            File.Move(former, path);
        }
        // Another process that started at the same time was first.
        catch (IOException) when (File.Exists(path)) { }
    }

    // SQLite is synchronous, and lets writers wait by sleeping: one at a time, off the caller's thread.
    protected override async Task<T> AttemptAsync<T>(Func<Task<T>> attempt, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            return await Task.Run(attempt, cancellationToken);
        }
        finally
        {
            _writing.Release();
        }
    }

    protected override JobRunStoreException Failure(DbException exception) =>
        new($"{path} {SqliteFailure.Words((SqliteException)exception)}", exception);
}
