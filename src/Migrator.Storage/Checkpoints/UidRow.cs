using System.Data.Common;
using Migrator.Core.Mail;

namespace Migrator.Storage.Checkpoints;

/// <summary>A row of <c>uid_book</c>, the same in both databases.</summary>
internal static class UidRow
{
    /// <param name="row">Of <c>key, uid, first_seen</c>.</param>
    public static UidMapEntry Read(DbDataReader row) =>
        new(row.GetString(0), (uint)row.GetInt64(1), DateTimeOffset.FromUnixTimeSeconds(row.GetInt64(2)));
}
