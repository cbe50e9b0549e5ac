using System.Data.Common;
using Migrator.Core.Checkpoints;
using Migrator.Core.Mail;

namespace Migrator.Storage.Checkpoints;

/// <summary>A row of <c>message</c>, the same in both databases.</summary>
internal static class MessageRow
{
    public const string Columns =
        "uid, state, content, size, flags, date, date_offset, target_uid, intent_uid_validity, intent_uid_next, reason, "
        + "detail, target_content, is_ours";

    /// <summary>Of a message that was delivered: what the target has, where somebody looked.</summary>
    public const string Stored = """
        CASE WHEN m.state = 5 THEN NULL
             WHEN m.target_content IS NOT NULL THEN m.target_content
             WHEN m.reason IS NULL
                 OR (m.reason <> 'Unchecked' AND m.reason NOT LIKE '%Content%' AND m.reason NOT LIKE '%Missing%') THEN m.content END
        """;

    /// <summary>The condition for records whose message is no longer at the source while its copy, which is ours, is at the target. SQLite
    /// uses the index of these only where a query says it in the same words.</summary>
    public const string IsFormer = "is_ours AND state IN (3, 7) AND target_uid <> 0";

    /// <param name="reader">At a row of <see cref="Columns"/>.</param>
    public static MessageRecord Read(DbDataReader reader) =>
        new(
            (uint)reader.GetInt64(0),
            (MessageState)reader.GetInt32(1),
            reader.IsDBNull(2) ? null : new ContentId(reader.GetFieldValue<byte[]>(2)),
            reader.GetInt64(3),
            FlagSet.Parse(reader.GetString(4)),
            DateTimeOffset.FromUnixTimeSeconds(reader.GetInt64(5)).ToOffset(TimeSpan.FromMinutes(reader.GetInt32(6))),
            (uint)reader.GetInt64(7),
            reader.IsDBNull(8) ? null : new AppendIntent((uint)reader.GetInt64(8), (uint)reader.GetInt64(9)),
            reader.IsDBNull(10) ? null : reader.GetString(10),
            reader.IsDBNull(11) ? null : reader.GetString(11),
            reader.IsDBNull(12) ? null : new ContentId(reader.GetFieldValue<byte[]>(12))
        )
        {
            IsOurs = reader.GetBoolean(13),
        };
}
