using System.Data.Common;
using Migrator.Core.Checkpoints;
using Migrator.Storage.Postgres;
using Npgsql;

namespace Migrator.Storage.Traffic;

/// <summary>In a database that workers share.</summary>
internal sealed class PostgresTraffic(PostgresDatabase database) : TrafficStore
{
    private volatile bool _upgraded;

    private protected override async Task<T> WithConnectionAsync<T>(Func<DbConnection, Task<T>> work, CancellationToken cancellationToken)
    {
        try
        {
            if (!_upgraded)
            {
                if (await database.UpgradeAsync("Traffic.Migrations", "migrator.traffic_schema", cancellationToken) is { } later)
                    throw new CheckpointException(
                        $"The database {database.Name} was written by a later version of Migrator (traffic, schema {later}). Use that "
                            + "version, or another database."
                    );
                _upgraded = true;
            }
            await using var connection = await database.Source.OpenConnectionAsync(cancellationToken);
            return await work(connection);
        }
        catch (NpgsqlException exception)
        {
            throw new CheckpointException(database.Words(exception), exception);
        }
    }
}
