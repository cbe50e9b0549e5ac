using System.Data.Common;
using Migrator.Core.JobRuns;
using Migrator.Storage.Sql;

namespace Migrator.Storage.JobRuns;

/// <summary>What differs between databases; all else is the same SQL.</summary>
internal abstract class JobRunDatabase : IAsyncDisposable
{
    private readonly SemaphoreSlim _upgrading = new(1);
    private bool _upgraded;

    /// <summary>One call's connection and transaction, atomic against those of all other processes where it writes.</summary>
    public async Task<T> InTransactionAsync<T>(bool writes, Func<DbTransactionScope, Task<T>> work, CancellationToken cancellationToken)
    {
        try
        {
            await UpgradeAsync(cancellationToken);
            return await AttemptAsync(
                async () =>
                {
                    await using var connection = await OpenAsync(cancellationToken);
                    await using var transaction = await BeginAsync(connection, writes, cancellationToken);
                    var turn = new DbTransactionScope(connection, transaction, await NowAsync(connection, transaction), cancellationToken);
                    var result = await work(turn);
                    await transaction.CommitAsync(cancellationToken);
                    return result;
                },
                cancellationToken
            );
        }
        catch (DbException exception)
        {
            throw Failure(exception);
        }
    }

    /// <summary>How a column is compared with each of a list.</summary>
    /// <param name="list">The parameter, such as <c>@keys</c>.</param>
    /// <param name="count">How many there are.</param>
    public abstract string In(string list, int count);

    public abstract ValueTask DisposeAsync();

    protected abstract Task<DbConnection> OpenAsync(CancellationToken cancellationToken);

    /// <summary>A transaction that writes begins when no other one that writes is in progress.</summary>
    protected abstract Task<DbTransaction> BeginAsync(DbConnection connection, bool writes, CancellationToken cancellationToken);

    protected abstract Task<DateTimeOffset> NowAsync(DbConnection connection, DbTransaction transaction);

    protected abstract Task UpgradeSchemaAsync(CancellationToken cancellationToken);

    /// <summary>Runs an attempt, again where what stopped it has surely had no effect and may pass.</summary>
    protected abstract Task<T> AttemptAsync<T>(Func<Task<T>> attempt, CancellationToken cancellationToken);

    protected abstract JobRunStoreException Failure(DbException exception);

    private async Task UpgradeAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _upgraded))
            return;
        await _upgrading.WaitAsync(cancellationToken);
        try
        {
            if (!_upgraded)
                await UpgradeSchemaAsync(cancellationToken);
            Volatile.Write(ref _upgraded, true);
        }
        finally
        {
            _upgrading.Release();
        }
    }

    /// <param name="Now">The same for all of the call.</param>
    internal sealed record DbTransactionScope(
        DbConnection Connection,
        DbTransaction Transaction,
        DateTimeOffset Now,
        CancellationToken CancellationToken
    )
    {
        public long Ms => Now.ToUnixTimeMilliseconds();

        public Task<int> ExecuteAsync(string sql, params (string Name, SqlValue Value)[] values) =>
            Connection.ExecuteAsync(sql, Transaction, CancellationToken, values);

        /// <inheritdoc cref="SqlCommands.ScalarAsync"/>
        public Task<T?> ScalarAsync<T>(string sql, params (string Name, SqlValue Value)[] values) =>
            Connection.ScalarAsync<T>(sql, Transaction, CancellationToken, values);

        /// <inheritdoc cref="SqlCommands.QueryAsync"/>
        public Task<IReadOnlyList<T>> QueryAsync<T>(
            string sql,
            Func<DbDataReader, T> read,
            params (string Name, SqlValue Value)[] values
        ) => Connection.QueryAsync(sql, read, Transaction, CancellationToken, values);
    }
}
