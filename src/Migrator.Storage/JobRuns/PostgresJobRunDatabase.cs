using System.Data.Common;
using Migrator.Core.JobRuns;
using Migrator.Storage.Postgres;
using Migrator.Storage.Sql;
using Npgsql;

namespace Migrator.Storage.JobRuns;

/// <summary>A database that all workers share.</summary>
/// <param name="owned">Whether it ends with this.</param>
/// <param name="time">Whose time counts; null for the database's, which all workers agree on.</param>
internal sealed class PostgresJobRunDatabase(PostgresDatabase database, bool owned, TimeProvider? time) : JobRunDatabase
{
    // Any number that nothing else in the database uses: "mig rnds" in ASCII.
    private const long Lock = 0x6D69_6720_726E_6473;

    public override string In(string list, int count) => $"= ANY({list})";

    public override ValueTask DisposeAsync() => owned ? database.DisposeAsync() : default;

    protected override async Task<DbConnection> OpenAsync(CancellationToken cancellationToken) =>
        await database.Source.OpenConnectionAsync(cancellationToken);

    protected override async Task<DbTransaction> BeginAsync(DbConnection connection, bool writes, CancellationToken cancellationToken)
    {
        var transaction = await connection.BeginTransactionAsync(cancellationToken);
        // Limits and the choice among what waits look at many rows: one writer at a time is simpler than to lock them all,
        // and each takes a few milliseconds.
        if (writes)
            await connection.ExecuteAsync("SELECT pg_advisory_xact_lock(@Lock)", transaction, cancellationToken, ("Lock", Lock));
        return transaction;
    }

    protected override async Task<DateTimeOffset> NowAsync(DbConnection connection, DbTransaction transaction) =>
        time?.GetUtcNow()
        ?? UnixTime.Of(
            await connection.ScalarAsync<long>(
                "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint",
                transaction,
                CancellationToken.None
            )
        );

    protected override async Task UpgradeSchemaAsync(CancellationToken cancellationToken)
    {
        if (
            await database.UpgradeAsync(
                "JobRuns.Migrations.Postgres",
                "migrator.job_runs_schema",
                cancellationToken,
                formerly: "migrator.rounds_schema"
            ) is
            { } later
        )
            throw new JobRunStoreException(
                $"The database {database.Name} was written by a later version of Migrator (schema {later}). Use that version, "
                    + "or another database."
            );
    }

    protected override async Task<T> AttemptAsync<T>(Func<Task<T>> attempt, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                return await attempt();
            }
            // Where it surely had no effect: a deadlock, a connection that the server closed meanwhile, or that was idle for too long.
            catch (PostgresException exception) when (tries < 3 && exception.SqlState is "40001" or "40P01" or "57P01" or "25P03") { }
        }
    }

    protected override JobRunStoreException Failure(DbException exception) => new(database.Words((NpgsqlException)exception), exception);
}
