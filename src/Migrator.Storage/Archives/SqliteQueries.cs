using Microsoft.Data.Sqlite;

namespace Migrator.Storage.Archives;

/// <summary>Statements with values named $1, $2 and so on.</summary>
internal static class SqliteQueries
{
    public static SqliteCommand Command(this SqliteConnection connection, string text, params object[] values)
    {
        var command = connection.CreateCommand();
        command.CommandText = text;
        foreach (var (index, value) in values.Index())
            command.Parameters.AddWithValue($"${index + 1}", value);
        return command;
    }

    public static int Execute(this SqliteConnection connection, string statement, params object[] values)
    {
        using var command = connection.Command(statement, values);
        return command.ExecuteNonQuery();
    }

    public static long Long(this SqliteConnection connection, string query, params object[] values)
    {
        using var command = connection.Command(query, values);
        return (long)command.ExecuteScalar()!;
    }

    /// <param name="read">Makes something of a row.</param>
    public static List<T> Query<T>(this SqliteConnection connection, string query, Func<SqliteDataReader, T> read, params object[] values)
    {
        // A command that is not disposed stays on the list of its connection, and each one that is disposed reads all of that list.
        using var command = connection.Command(query, values);
        using var reader = command.ExecuteReader();
        var rows = new List<T>();
        while (reader.Read())
            rows.Add(read(reader));
        return rows;
    }
}
