using System.Data.Common;
using Migrator.Core.Checkpoints;
using Migrator.Core.Mail;

namespace Migrator.Storage.Checkpoints;

/// <summary>A copy that the target has, as both databases give it.</summary>
internal static class DeliveredRow
{
    /// <param name="row">The UID at the target, the content, whether it is owned, whether it is superseded, what is stored, which may be
    /// null, and whether it is ours.</param>
    public static DeliveredCopy Read(DbDataReader row) =>
        new(
            (uint)row.GetInt64(0),
            new ContentId(row.GetFieldValue<byte[]>(1)),
            row.GetBoolean(2),
            row.GetBoolean(3),
            row.IsDBNull(4) ? null : new ContentId(row.GetFieldValue<byte[]>(4)),
            row.GetBoolean(5)
        );
}
