using Microsoft.Data.Sqlite;
using Migrator.Core.Mail;
using Migrator.Storage.Sql;

namespace Migrator.Storage.Checkpoints.Sqlite;

/// <summary>Reads the UIDs of a folder, of which there may be a million. SQLite counts them a page at a time, in a fraction of the time
/// that it takes to hand each of them over: only those of pages with gaps are read one by one. The rejected alternative, ranges by
/// window functions, takes several times as long.</summary>
internal static class UidQuery
{
    private const int Page = 8192;

    /// <param name="sql">Selects <c>uid</c>, each once, above <c>@after</c> in <c>@folderId</c>, by an index in their order.</param>
    public static UidSet Read(SqliteConnection connection, string sql, long folderId)
    {
        var ranges = new List<UidRange>();
        var page = $"{sql} ORDER BY uid LIMIT {Page}";
        for (var after = 0L; ; )
        {
            var (first, last, count) = connection
                .Query(
                    $"SELECT min(uid), max(uid), count(*) FROM ({page})",
                    row => row.IsDBNull(0) ? (0L, 0L, 0L) : (row.GetInt64(0), row.GetInt64(1), row.GetInt64(2)),
                    ("folderId", folderId),
                    ("after", after)
                )
                .Single();
            if (count == 0)
                return UidSet.Of(ranges);
            if (last - first + 1 == count)
                ranges.Add(new UidRange((uint)first, (uint)last));
            else
                ranges.AddRange(
                    UidSet.Of(connection.Query(page, row => (Uid)(uint)row.GetInt64(0), ("folderId", folderId), ("after", after))).Ranges
                );
            if (count < Page)
                return UidSet.Of(ranges);
            after = last;
        }
    }
}
