using System.Security.Cryptography;
using System.Text;
using Microsoft.Data.Sqlite;
using Migrator.Core.Checkpoints;
using Migrator.Core.Files;
using Migrator.Storage.Sqlite;

namespace Migrator.Storage.Checkpoints.Sqlite;

/// <summary>Checkpoints in one SQLite file. WAL with synchronous FULL: NORMAL could lose the last commits with the
/// power, and with them the knowledge of what was delivered.</summary>
/// <param name="path">The database file; made if it is missing, with its directory, for this user alone.</param>
public sealed class SqliteCheckpointStore(string path) : ICheckpointStore
{
    public async Task<IMailboxCheckpoint> OpenAsync(MailboxPair pair, CancellationToken cancellationToken)
    {
        var held = Lease(pair);
        try
        {
            return await SqliteFailure.GuardAsync(path, () => Task.Run(() => Open(pair, held)!, cancellationToken));
        }
        catch
        {
            await held.DisposeAsync();
            throw;
        }
    }

    public Task<IMailboxRecords?> OpenRecordsAsync(MailboxPair pair, CancellationToken cancellationToken) =>
        !File.Exists(path)
            ? Task.FromResult<IMailboxRecords?>(null)
            : SqliteFailure.GuardAsync(path, () => Task.Run<IMailboxRecords?>(() => Open(pair, null), cancellationToken));

    public ValueTask DisposeAsync() => default;

    /// <param name="held">Null to read only what there is.</param>
    /// <returns>Null where there is nothing to be read.</returns>
    private SqliteMailboxCheckpoint? Open(MailboxPair pair, FileStream? held)
    {
        var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder
            {
                DataSource = path,
                ForeignKeys = true,
                // A pooled connection would keep the file open, and locked on Windows, after the last mailbox is closed.
                Pooling = false,
                DefaultTimeout = 60,
            }.ToString()
        );
        try
        {
            PrivateFiles.Reserve(path);
            connection.Open();
            Pragma(connection, "journal_mode = WAL");
            Pragma(connection, "synchronous = FULL");
            SqliteSchema.Upgrade(connection, "Checkpoints.Sqlite.Migrations");
            if (MailboxId(connection, pair, add: held is not null) is { } mailbox)
                return new SqliteMailboxCheckpoint(connection, mailbox, path, held);
            connection.Dispose();
            return null;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>An open file that no second run can open. It is let go with the process, however that ends: nothing has to be
    /// cleaned up after a crash.</summary>
    private FileStream Lease(MailboxPair pair)
    {
        var directory = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, "locks");
        var name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{pair.Source}\n{pair.Target}")))[..32];
        try
        {
            PrivateFiles.CreateDirectory(directory);
            return PrivateFiles.OpenOrCreate(Path.Combine(directory, name + ".lock"), FileAccess.ReadWrite, FileShare.None, 1);
        }
        catch (IOException exception) when (exception.GetType() == typeof(IOException) && Directory.Exists(directory))
        {
            throw new MailboxBusyException(pair);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException(
                $"The state directory {Path.GetDirectoryName(directory)} cannot be written: {exception.Message} Name another "
                    + "one with --state.",
                exception
            );
        }
    }

    private static long? MailboxId(SqliteConnection connection, MailboxPair pair, bool add)
    {
        using var command = connection.CreateCommand();
        command.CommandText = $"""
            {(add ? "INSERT INTO mailbox (source, target) VALUES ($source, $target) ON CONFLICT DO NOTHING;" : "")}
            SELECT id FROM mailbox WHERE source = $source AND target = $target;
            """;
        command.Parameters.AddWithValue("$source", pair.Source);
        command.Parameters.AddWithValue("$target", pair.Target);
        return (long?)command.ExecuteScalar();
    }

    private static void Pragma(SqliteConnection connection, string setting)
    {
        using var command = connection.CreateCommand();
        command.CommandText = $"PRAGMA {setting}";
        command.ExecuteNonQuery();
    }
}
