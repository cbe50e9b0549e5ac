using System.Net.Sockets;
using System.Security.Authentication;
using Migrator.Core.JobRuns;
using Migrator.Storage.Sql;
using Npgsql;

namespace Migrator.Storage.Postgres;

/// <summary>A PostgreSQL database that workers share. All tables are in the schema <c>migrator</c>.</summary>
public sealed class PostgresDatabase : IAsyncDisposable
{
    private const string Schema = "migrator";

    // A worker that is stopped in the middle of a transaction keeps its locks, and its connection looks alive: the server ends it well
    // before leases run out, or nobody could take anything over; also where it is stopped in the middle of an answer, which is not idle. As
    // options of the connection: what is SET ends when it goes back to the pool.
    private const string Limits = "-c idle_in_transaction_session_timeout=10000 -c tcp_user_timeout=10000";

    // Any number that nothing else uses: "mig schm" in ASCII.
    private const long Lock = 0x6D69_6720_7363_686D;

    /// <param name="connectionString">It may hold a secret; it is in no message.</param>
    /// <exception cref="ArgumentException">It is none; the message repeats nothing of it.</exception>
    public PostgresDatabase(string connectionString)
    {
        NpgsqlConnectionStringBuilder builder;
        try
        {
            builder = new NpgsqlConnectionStringBuilder(connectionString) { SearchPath = Schema, ApplicationName = "migrator" };
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or InvalidCastException)
        {
            throw new ArgumentException(
                "the connection string of the database cannot be read (it is not shown here); write it as "
                    + "\"Host=db.example.org;Database=migrator;Username=migrator;Password=...\"."
            );
        }
        PostgresTrust.Check(builder);
        PostgresTrust.Settle(builder);
        InClear = PostgresTrust.InClear(builder);
        Name = $"{builder.Database ?? builder.Username} at {builder.Host}";
        builder.Options = $"{builder.Options} {Limits}".Trim();
        Source = NpgsqlDataSource.Create(builder);
    }

    /// <summary>For people.</summary>
    public string Name { get; }

    /// <summary>What the connection string sends where nobody proved who answers, as text; null for nothing.</summary>
    public string? InClear { get; }

    /// <summary>For code that keeps separate tables there.</summary>
    public NpgsqlDataSource Source { get; }

    public ValueTask DisposeAsync() => Source.DisposeAsync();

    /// <summary>Makes the schema where it is not there, for tables that are made elsewhere.</summary>
    /// <exception cref="JobRunStoreException">The database does not answer, or does not let this user.</exception>
    public async Task CreateSchemaAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await Source.OpenConnectionAsync(cancellationToken);
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            // Two that make it at once would both find it missing, and one fail.
            await connection.ExecuteAsync($"SELECT pg_advisory_xact_lock({Lock})", transaction, cancellationToken);
            await connection.ExecuteAsync($"CREATE SCHEMA IF NOT EXISTS {Schema}", transaction, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
        catch (NpgsqlException exception)
        {
            throw new JobRunStoreException(Words(exception), exception);
        }
    }

    /// <summary>Brings a part of the schema to the present version: the numbered scripts of a folder, each once, in order.</summary>
    /// <param name="folder">Of the scripts.</param>
    /// <param name="versions">The table that holds the number of the last one.</param>
    /// <param name="formerly">What an earlier version called that table.</param>
    /// <returns>Null; or the version that was found, where it is later than this program knows.</returns>
    internal async Task<int?> UpgradeAsync(string folder, string versions, CancellationToken cancellationToken, string? formerly = null)
    {
        var scripts = SqlScripts.In(folder);
        await using var connection = await Source.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        // Of workers that start at once, one makes the schema and the others wait.
        await connection.ExecuteAsync($"SELECT pg_advisory_xact_lock({Lock})", transaction, cancellationToken);
        if (formerly is not null)
            await connection.ExecuteAsync(
                $"ALTER TABLE IF EXISTS {formerly} RENAME TO {versions[(versions.IndexOf('.', StringComparison.Ordinal) + 1)..]}",
                transaction,
                cancellationToken
            );
        await connection.ExecuteAsync(
            $"CREATE SCHEMA IF NOT EXISTS {Schema}; CREATE TABLE IF NOT EXISTS {versions} (version INTEGER NOT NULL)",
            transaction,
            cancellationToken
        );
        var version = await connection.ScalarAsync<int?>($"SELECT max(version) FROM {versions}", transaction, cancellationToken) ?? 0;
        if (version > scripts[^1].Number)
            return version;
        foreach (var (number, sql) in scripts.Where(script => script.Number > version))
            await connection.ExecuteAsync($"{sql}; INSERT INTO {versions} VALUES ({number})", transaction, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return null;
    }

    /// <summary>Whether a call that failed so may be made again, as it may meet a database that is there again.</summary>
    internal static bool MayPass(NpgsqlException exception) =>
        exception.IsTransient
        || exception is PostgresException { SqlState: "25P03" or "57P01" or "57P02" or "57P03" or "08006" or "08003" or "53300" };

    /// <summary>What went wrong, and what to do.</summary>
    internal string Words(NpgsqlException exception) => $"The database {Name} {Failure(Cause(exception))}";

    private static string Failure(Exception cause) =>
        cause switch
        {
            PostgresException { SqlState: "28P01" or "28000" } => "refuses the login. Check user and password in the connection string.",
            PostgresException { SqlState: "3D000" } =>
                "does not exist. Create it (createdb), or name another one in the connection string.",
            PostgresException { SqlState: "42501" or "3F000" } =>
                "does not let this user make or use tables. Grant it CREATE on the database.",
            PostgresException { SqlState: "53100" } => "has no room left on its disk. Make room and run again.",
            PostgresException { SqlState: "53300" } => "accepts no more connections. "
                + "Raise max_connections, or lower Maximum Pool Size in the connection strings.",
            PostgresException { SqlState: "57P01" or "57P02" or "57P03" } => "is starting or stopping. Retrying.",
            PostgresException other => $"failed: {other.MessageText} ({other.SqlState}).",
            { InnerException: SocketException socket } => $"cannot be reached: {socket.Message}. "
                + "Check host and port in the connection string, and that the server runs.",
            { InnerException: AuthenticationException refused } => "is not trusted, and no password was sent: "
                + $"{refused.Message.TrimEnd('.')}. {PostgresTrust.Untrusted}",
            { InnerException: { } inner } => $"cannot be reached: {inner.Message}",
            { Message: var message } when message.Contains("SSL", StringComparison.Ordinal) =>
                "does not offer TLS, and no password was sent. " + PostgresTrust.NoTls,
            { Message: var message } => $"failed: {message}",
        };

    /// <summary>Of several hosts, why the first could not be used.</summary>
    private static Exception Cause(Exception exception) =>
        exception switch
        {
            AggregateException { InnerExceptions: [var first, ..] } => Cause(first),
            { InnerException: NpgsqlException or AggregateException } => Cause(exception.InnerException),
            _ => exception,
        };
}
