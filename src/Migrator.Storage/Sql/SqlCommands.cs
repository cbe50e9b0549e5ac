using System.Data;
using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace Migrator.Storage.Sql;

/// <summary>Runs statements with named values and reads rows by functions. All types are known when this is compiled. A library that finds
/// them out makes code at run time, which a program that is compiled ahead of time cannot.</summary>
internal static class SqlCommands
{
    public static async Task<int> ExecuteAsync(
        this DbConnection connection,
        string sql,
        DbTransaction? transaction,
        CancellationToken cancellationToken,
        params (string Name, SqlValue Value)[] values
    )
    {
        await using var command = connection.Command(sql, transaction, values);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <typeparam name="T">Exactly what the driver gives for the column, or its nullable.</typeparam>
    /// <returns>The default where there is no row, or a null in it.</returns>
    public static async Task<T?> ScalarAsync<T>(
        this DbConnection connection,
        string sql,
        DbTransaction? transaction,
        CancellationToken cancellationToken,
        params (string Name, SqlValue Value)[] values
    )
    {
        await using var command = connection.Command(sql, transaction, values);
        return Scalar<T>(await command.ExecuteScalarAsync(cancellationToken));
    }

    /// <param name="read">Makes something of a row.</param>
    public static async Task<IReadOnlyList<T>> QueryAsync<T>(
        this DbConnection connection,
        string sql,
        Func<DbDataReader, T> read,
        DbTransaction? transaction,
        CancellationToken cancellationToken,
        params (string Name, SqlValue Value)[] values
    )
    {
        await using var command = connection.Command(sql, transaction, values);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken))
            rows.Add(read(reader));
        return rows;
    }

    public static int Execute(
        this DbConnection connection,
        string sql,
        DbTransaction? transaction,
        params (string Name, SqlValue Value)[] values
    )
    {
        using var command = connection.Command(sql, transaction, values);
        return command.ExecuteNonQuery();
    }

    /// <summary>The same statement once for each: SQLite compiles it once.</summary>
    public static int ExecuteEach(
        this DbConnection connection,
        string sql,
        DbTransaction? transaction,
        IEnumerable<(string Name, SqlValue Value)[]> each
    )
    {
        using var command = connection.Command(sql, transaction, []);
        var changed = 0;
        foreach (var values in each)
        {
            command.Parameters.Clear();
            Add(command, values);
            changed += command.ExecuteNonQuery();
        }
        return changed;
    }

    /// <summary>The sum of what the same statement gives for each, a number.</summary>
    public static long SumEach(this DbConnection connection, string sql, IEnumerable<(string Name, SqlValue Value)[]> each)
    {
        using var command = connection.Command(sql, null, []);
        var sum = 0L;
        foreach (var values in each)
        {
            command.Parameters.Clear();
            Add(command, values);
            sum += (long)command.ExecuteScalar()!;
        }
        return sum;
    }

    /// <inheritdoc cref="ScalarAsync"/>
    public static T? Scalar<T>(
        this DbConnection connection,
        string sql,
        DbTransaction? transaction,
        params (string Name, SqlValue Value)[] values
    )
    {
        using var command = connection.Command(sql, transaction, values);
        return Scalar<T>(command.ExecuteScalar());
    }

    /// <inheritdoc cref="QueryAsync"/>
    public static IReadOnlyList<T> Query<T>(
        this DbConnection connection,
        string sql,
        Func<DbDataReader, T> read,
        params (string Name, SqlValue Value)[] values
    )
    {
        using var command = connection.Command(sql, null, values);
        using var reader = command.ExecuteReader();
        var rows = new List<T>();
        while (reader.Read())
            rows.Add(read(reader));
        return rows;
    }

    /// <summary>A list for SQLite, which has no arrays: a value with this name of its own for each.</summary>
    /// <param name="list">The name of the value that is an array, such as <c>@keys</c> or <c>keys</c>.</param>
    public static IEnumerable<string> Names(string list, int count) => Enumerable.Range(0, count).Select(number => $"{list}{number}");

    private static DbCommand Command(
        this DbConnection connection,
        string sql,
        DbTransaction? transaction,
        (string Name, SqlValue Value)[] values
    )
    {
        var command = connection.CreateCommand();
        (command.CommandText, command.Transaction) = (sql, transaction);
        Add(command, values);
        return command;
    }

    private static void Add(DbCommand command, (string Name, SqlValue Value)[] values)
    {
        foreach (var (name, value) in values)
        {
            if (command is SqliteCommand && value.Value is Array list and not byte[])
            {
                foreach (var (item, own) in list.Cast<object>().Zip(Names(name, list.Length)))
                    Add(command, own, item, null);
            }
            else
            {
                Add(command, name, value.Value, value.Type);
            }
        }
    }

    private static void Add(DbCommand command, string name, object? value, DbType? type)
    {
        var parameter = command.CreateParameter();
        (parameter.ParameterName, parameter.Value) = (name, value ?? DBNull.Value);
        if (type is { } known)
            parameter.DbType = known;
        command.Parameters.Add(parameter);
    }

    private static T? Scalar<T>(object? value) => value is null or DBNull ? default : (T)value;
}
