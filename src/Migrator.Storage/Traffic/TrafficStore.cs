using System.Data.Common;
using Migrator.Core.Pacing;
using Migrator.Storage.Postgres;
using Migrator.Storage.Sql;

namespace Migrator.Storage.Traffic;

/// <inheritdoc/>
/// <remarks>Opened when it is first needed: most accounts have no limit.</remarks>
public abstract class TrafficStore : ITrafficStore
{
    /// <param name="database">Shared by all workers; null for a file of one machine.</param>
    /// <param name="path">Of the file, which is made if it is missing.</param>
    public static ITrafficStore Create(PostgresDatabase? database, string path) =>
        database is null ? new SqliteTraffic(path) : new PostgresTraffic(database);

    public Task<IReadOnlyList<TrafficSlot>> ReadAsync(
        string scope,
        TransferDirection direction,
        DateTimeOffset now,
        CancellationToken cancellationToken
    ) =>
        WithConnectionAsync(
            connection =>
                connection.QueryAsync(
                    "SELECT slot, bytes FROM traffic WHERE scope = @scope AND direction = @direction AND slot >= @oldest ORDER BY slot",
                    row => new TrafficSlot(row.GetInt64(0), row.GetInt64(1)),
                    null,
                    cancellationToken,
                    ("scope", scope),
                    ("direction", (int)direction),
                    ("oldest", TrafficSlot.Oldest(now))
                ),
            cancellationToken
        );

    public Task AddAsync(string scope, TransferDirection direction, TrafficSlot traffic, CancellationToken cancellationToken) =>
        WithConnectionAsync(
            async connection =>
            {
                await connection.ExecuteAsync(
                    "INSERT INTO traffic (scope, direction, slot, bytes) VALUES (@scope, @direction, @slot, @bytes) "
                        + "ON CONFLICT (scope, direction, slot) DO UPDATE SET bytes = traffic.bytes + excluded.bytes",
                    null,
                    cancellationToken,
                    ("scope", scope),
                    ("direction", (int)direction),
                    ("slot", traffic.Number),
                    ("bytes", traffic.Bytes)
                );
                return await connection.ExecuteAsync(
                    "DELETE FROM traffic WHERE scope = @scope AND direction = @direction AND slot < @oldest",
                    null,
                    cancellationToken,
                    ("scope", scope),
                    ("direction", (int)direction),
                    ("oldest", traffic.Number - (2 * TrafficSlot.PerDay))
                );
            },
            cancellationToken
        );

    private protected abstract Task<T> WithConnectionAsync<T>(Func<DbConnection, Task<T>> work, CancellationToken cancellationToken);
}
