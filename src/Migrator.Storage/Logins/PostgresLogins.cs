using System.Buffers.Binary;
using System.Data;
using System.Data.Common;
using Migrator.Core.Failures;
using Migrator.Storage.Postgres;
using Migrator.Storage.Sql;
using Npgsql;

namespace Migrator.Storage.Logins;

/// <summary>Encrypted logins in a database that workers share.</summary>
internal sealed class PostgresLogins(PostgresDatabase database) : ILoginTable
{
    private volatile bool _upgraded;

    public string Name => $"the database {database.Name}";

    public Task<IReadOnlyList<(string Id, byte[] Content)>> ListAsync(CancellationToken cancellationToken) =>
        WithConnectionAsync(
            connection =>
                connection.QueryAsync(
                    "SELECT id, content FROM login ORDER BY id",
                    row => (row.GetString(0), row.GetFieldValue<byte[]>(1)),
                    null,
                    cancellationToken
                ),
            cancellationToken
        );

    public Task<T> ChangeAsync<T>(
        string id,
        Func<byte[]?, Task<(byte[]? Replacement, T Result)>> change,
        CancellationToken cancellationToken
    ) =>
        InLockAsync(
            id,
            async connection =>
            {
                var content = await connection.ScalarAsync<byte[]>(
                    "SELECT content FROM login WHERE id = @id",
                    null,
                    cancellationToken,
                    ("id", id)
                );
                var (replacement, result) = await change(content);
                if (replacement is not null)
                    await StoreAsync(connection, id, replacement);
                return result;
            },
            cancellationToken
        );

    public Task<bool> RemoveAsync(string id, CancellationToken cancellationToken) =>
        InLockAsync(
            id,
            async connection => await connection.ExecuteAsync("DELETE FROM login WHERE id = @id", null, cancellationToken, ("id", id)) > 0,
            cancellationToken
        );

    /// <summary>Not stopped, and tried again: the server has forgotten the earlier token by now.</summary>
    private async Task StoreAsync(DbConnection connection, string id, byte[] content)
    {
        try
        {
            await UpsertAsync(connection, id, content);
        }
        catch (NpgsqlException)
        {
            await using var another = await database.Source.OpenConnectionAsync(CancellationToken.None);
            await UpsertAsync(another, id, content);
        }
    }

    private static Task<int> UpsertAsync(DbConnection connection, string id, byte[] content) =>
        connection.ExecuteAsync(
            "INSERT INTO login (id, content) VALUES (@id, @content) ON CONFLICT (id) DO UPDATE SET content = excluded.content",
            null,
            CancellationToken.None,
            ("id", id),
            ("content", content)
        );

    /// <summary>The lock is the session's: a transaction that is idle while a token is requested would be ended by the server.</summary>
    private Task<T> InLockAsync<T>(string id, Func<DbConnection, Task<T>> work, CancellationToken cancellationToken) =>
        WithConnectionAsync(
            async connection =>
            {
                var name = BinaryPrimitives.ReadInt64BigEndian(Convert.FromHexString(id));
                await LockAsync(connection, name, cancellationToken);
                try
                {
                    return await work(connection);
                }
                finally
                {
                    await UnlockAsync(connection, name);
                }
            },
            cancellationToken
        );

    /// <summary>Waits as long as another process requests a token, which can be longer than a statement may take otherwise.</summary>
    private static async Task LockAsync(DbConnection connection, long name, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        (command.CommandText, command.CommandTimeout) = ("SELECT pg_advisory_lock(@name)", 0);
        var parameter = command.CreateParameter();
        (parameter.ParameterName, parameter.Value) = ("name", name);
        command.Parameters.Add(parameter);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task UnlockAsync(DbConnection connection, long name)
    {
        try
        {
            if (connection.State == ConnectionState.Open)
                await connection.ExecuteAsync("SELECT pg_advisory_unlock(@name)", null, CancellationToken.None, ("name", name));
        }
        catch (Exception exception) when (exception is NpgsqlException or InvalidOperationException)
        {
            // It ends with the session. What ended the session is the failure to report.
        }
    }

    private async Task<T> WithConnectionAsync<T>(Func<DbConnection, Task<T>> work, CancellationToken cancellationToken)
    {
        try
        {
            if (!_upgraded)
            {
                if (await database.UpgradeAsync("Logins.Migrations", "migrator.logins_schema", cancellationToken) is { } later)
                    throw new MailException(
                        Reason.LoginStoreUnavailable,
                        $"{Name} was written by a later version of Migrator (logins, schema {later}). Use that version, or another "
                            + "database."
                    );
                _upgraded = true;
            }
            await using var connection = await database.Source.OpenConnectionAsync(cancellationToken);
            return await work(connection);
        }
        catch (NpgsqlException exception)
        {
            throw new MailException(Reason.LoginStoreUnavailable, database.Words(exception), exception);
        }
    }
}
