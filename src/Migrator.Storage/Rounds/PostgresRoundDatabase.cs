using System.Data.Common;
using Dapper;
using Migrator.Core.Rounds;
using Npgsql;

namespace Migrator.Storage.Rounds;

/// <summary>A database that all workers share.</summary>
/// <param name="time">Whose time counts; null for the database's, which all workers agree on.</param>
internal sealed class PostgresRoundDatabase(NpgsqlDataSource database, TimeProvider? time) : RoundDatabase
{
    // Any number that nothing else in the database uses: "mig rnds" in ASCII.
    private const long Lock = 0x6D69_6720_726E_6473;

    private const string Schema = "migrator";

    public override ValueTask DisposeAsync() => database.DisposeAsync();

    protected override async Task<DbConnection> OpenAsync(CancellationToken cancellationToken) => await database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);

    protected override async Task<DbTransaction> BeginAsync(DbConnection connection, bool writes, CancellationToken cancellationToken)
    {
        var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        // Limits and the choice among what waits look at many rows: one writer at a time is simpler than to lock them all,
        // and each takes a few milliseconds.
        if (writes)
            await connection.ExecuteAsync(new CommandDefinition("SELECT pg_advisory_xact_lock(@Lock)", new { Lock }, transaction, cancellationToken: cancellationToken)).ConfigureAwait(false);
        return transaction;
    }

    protected override async Task<DateTimeOffset> NowAsync(DbConnection connection, DbTransaction transaction) => time?.GetUtcNow()
        ?? DateTimeOffset.FromUnixTimeMilliseconds(await connection.ExecuteScalarAsync<long>("SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint", transaction: transaction).ConfigureAwait(false));

    protected override async Task UpgradeSchemaAsync(CancellationToken cancellationToken)
    {
        var scripts = SqlScripts.In("Rounds.Migrations.Postgres");
        await using var connection = await database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        // Under the lock: of workers that start at once, one makes the schema.
        await using var transaction = await BeginAsync(connection, writes: true, cancellationToken).ConfigureAwait(false);
        await connection.ExecuteAsync($"CREATE SCHEMA IF NOT EXISTS {Schema}; CREATE TABLE IF NOT EXISTS {Schema}.rounds_schema (version INTEGER NOT NULL)", transaction: transaction).ConfigureAwait(false);
        var version = await connection.ExecuteScalarAsync<int?>($"SELECT max(version) FROM {Schema}.rounds_schema", transaction: transaction).ConfigureAwait(false) ?? 0;
        if (version > scripts[^1].Number)
            throw new RoundStoreException($"The database was written by a later version of Migrator (schema {version}, this one knows {scripts[^1].Number}). Use that version, or another database.");
        foreach (var (number, sql) in scripts.Where(script => script.Number > version))
        {
            await connection.ExecuteAsync($"SET LOCAL search_path TO {Schema}; {sql}; INSERT INTO rounds_schema VALUES ({number})", transaction: transaction).ConfigureAwait(false);
        }
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
    }

    protected override async Task<T> AttemptAsync<T>(Func<Task<T>> attempt, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                return await attempt().ConfigureAwait(false);
            }
            // A serialization failure, or a pooled connection that the server closed meanwhile.
            catch (NpgsqlException exception) when (exception.IsTransient && tries < 3 && exception is PostgresException { SqlState: "40001" or "40P01" or "57P01" })
            {
            }
        }
    }

    protected override RoundStoreException Failure(DbException exception) => new($"The database of rounds failed: {exception.Message}", exception);
}
