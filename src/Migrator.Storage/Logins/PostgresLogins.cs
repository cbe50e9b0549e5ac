using System.Buffers.Binary;
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
                    await connection.ExecuteAsync(
                        "INSERT INTO login (id, content) VALUES (@id, @content) ON CONFLICT (id) DO UPDATE SET content = excluded.content",
                        null,
                        // The server has forgotten the earlier token by now.
                        CancellationToken.None,
                        ("id", id),
                        ("content", replacement)
                    );
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

    /// <summary>The lock is the session's: a transaction that is idle while a token is requested would be ended by the server.</summary>
    private Task<T> InLockAsync<T>(string id, Func<DbConnection, Task<T>> work, CancellationToken cancellationToken) =>
        WithConnectionAsync(
            async connection =>
            {
                var name = BinaryPrimitives.ReadInt64BigEndian(Convert.FromHexString(id));
                await connection.ExecuteAsync("SELECT pg_advisory_lock(@name)", null, cancellationToken, ("name", name));
                try
                {
                    return await work(connection);
                }
                finally
                {
                    await connection.ExecuteAsync("SELECT pg_advisory_unlock(@name)", null, CancellationToken.None, ("name", name));
                }
            },
            cancellationToken
        );

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
