using System.Data.Common;

namespace Migrator.Storage.Sql;

/// <summary>Reads columns by their names. PostgreSQL makes these lower case, which does not matter.</summary>
internal static class SqlRows
{
    public static long Long(this DbDataReader row, string column) => row.GetInt64(row.GetOrdinal(column));

    public static long? LongOrNull(this DbDataReader row, string column) =>
        row.GetOrdinal(column) is var at && row.IsDBNull(at) ? null : row.GetInt64(at);

    public static bool Bool(this DbDataReader row, string column) => row.GetBoolean(row.GetOrdinal(column));

    public static string Text(this DbDataReader row, string column) => row.GetString(row.GetOrdinal(column));

    public static string? TextOrNull(this DbDataReader row, string column) =>
        row.GetOrdinal(column) is var at && row.IsDBNull(at) ? null : row.GetString(at);
}
