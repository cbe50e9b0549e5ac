using System.Data.Common;
using Microsoft.Data.Sqlite;
using Migrator.Core.Files;
using Migrator.Storage.Sqlite;

namespace Migrator.Storage.Traffic;

/// <summary>A file beside the checkpoints: for one machine.</summary>
internal sealed class SqliteTraffic(string path) : TrafficStore
{
    private readonly string _connection = new SqliteConnectionStringBuilder
    {
        DataSource = path,
        // A pooled connection would keep the file open, and locked on Windows.
        Pooling = false,
        DefaultTimeout = 30,
    }.ToString();
    private volatile bool _upgraded;

    private protected override Task<T> WithConnectionAsync<T>(Func<DbConnection, Task<T>> work, CancellationToken cancellationToken) =>
        SqliteFailure.GuardAsync(
            path,
            () =>
                // SQLite is synchronous, and lets writers wait by sleeping.
                Task.Run(
                    async () =>
                    {
                        if (!_upgraded)
                            PrivateFiles.Reserve(path);
                        await using var connection = new SqliteConnection(_connection);
                        await connection.OpenAsync(cancellationToken);
                        await using (var command = connection.CreateCommand())
                        {
                            // What the power takes away is some minutes of a day's account.
                            command.CommandText = "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL";
                            await command.ExecuteNonQueryAsync(cancellationToken);
                        }
                        if (!_upgraded)
                            SqliteSchema.Upgrade(connection, "Traffic.Migrations");
                        _upgraded = true;
                        return await work(connection);
                    },
                    cancellationToken
                )
        );
}
