using Microsoft.Data.Sqlite;
using Migrator.Core.Checkpoints;
using Migrator.Core.Mail;
using Migrator.Storage.Sql;

namespace Migrator.Storage.Checkpoints.Sqlite;

/// <summary>Reads and writes rows of <c>message</c> with commands prepared once: the hot path.</summary>
internal sealed class MessageRows : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _insert;
    private readonly SqliteCommand _update;

    public MessageRows(SqliteConnection connection)
    {
        _connection = connection;
        _insert = Prepare(
            """
            INSERT INTO message (folder_id, uid, state, size, flags, date, date_offset, target_uid)
            VALUES ($folder, $uid, 0, $size, $flags, $date, $offset, 0)
            ON CONFLICT DO UPDATE SET state = 0, size = excluded.size, flags = excluded.flags,
                date = excluded.date, date_offset = excluded.date_offset, target_uid = 0, reason = NULL, detail = NULL, is_ours = 0
            WHERE state IN (3, 7)
            """,
            "$folder",
            "$uid",
            "$size",
            "$flags",
            "$date",
            "$offset"
        );
        _update = Prepare(
            """
            UPDATE message SET state = $state, content = $content, size = $size, flags = $flags,
                date = $date, date_offset = $offset, target_uid = $target,
                intent_uid_validity = $validity, intent_uid_next = $next, reason = $reason, detail = $detail, target_content = $stored,
                is_ours = $isOurs
            WHERE folder_id = $folder AND uid = $uid
            """,
            "$folder",
            "$uid",
            "$size",
            "$flags",
            "$date",
            "$offset",
            "$state",
            "$content",
            "$target",
            "$validity",
            "$next",
            "$reason",
            "$detail",
            "$stored",
            "$isOurs"
        );
    }

    /// <summary>The condition that a record is in one of these states. SQLite uses the index of what is open, which is little in a folder
    /// that was copied, only where a query says in its words that it asks for nothing else.</summary>
    public static string Are(IReadOnlyList<MessageState> states) =>
        $"state IN ({string.Join(',', states.Select(state => (int)state))})"
        + (states.Contains(MessageState.Delivered) ? "" : " AND state <> 2");

    public void Insert(long folderId, IReadOnlyList<MessageSummary> messages, SqliteTransaction transaction)
    {
        _insert.Transaction = transaction;
        foreach (var message in messages)
        {
            Set(_insert, folderId, message.Uid, message.Size, message.Flags, message.InternalDate);
            _insert.ExecuteNonQuery();
        }
    }

    /// <exception cref="CheckpointException">A UID is not recorded.</exception>
    public void Update(long folderId, IReadOnlyList<MessageRecord> records, SqliteTransaction transaction)
    {
        _update.Transaction = transaction;
        foreach (var record in records)
        {
            Set(_update, folderId, record.Uid, record.Size, record.Flags, record.InternalDate);
            var parameters = _update.Parameters;
            parameters[6].Value = (int)record.State;
            parameters[7].Value = record.Content is { } content ? content.ToArray() : DBNull.Value;
            parameters[8].Value = (long)record.TargetUid.Uid.Value;
            parameters[9].Value = record.Intent is { } intent ? (long)intent.UidValidity.Value : DBNull.Value;
            parameters[10].Value = record.Intent is { } before ? (long)before.UidNext.Uid.Value : DBNull.Value;
            parameters[11].Value = (object?)record.Reason ?? DBNull.Value;
            parameters[12].Value = (object?)record.Detail ?? DBNull.Value;
            parameters[13].Value = record.TargetContent is { } stored ? stored.ToArray() : DBNull.Value;
            parameters[14].Value = record.IsOurs ? 1 : 0;
            if (_update.ExecuteNonQuery() == 0)
                throw new CheckpointException($"UID {record.Uid} of folder {folderId} is not recorded. Nothing was changed; run again.");
        }
    }

    public IReadOnlyList<MessageRecord> Read(long folderId, IReadOnlyList<MessageState> states, Uid fromUid, int limit)
    {
        using var command = _connection.CreateCommand();
        command.CommandText =
            $"SELECT {MessageRow.Columns} FROM message WHERE folder_id = $folder AND uid IN (SELECT uid FROM message "
            + $"WHERE folder_id = $folder AND uid >= $from AND {Are(states)} ORDER BY uid LIMIT $limit) ORDER BY uid";
        command.Parameters.AddWithValue("$folder", folderId);
        command.Parameters.AddWithValue("$from", (long)fromUid.Value);
        command.Parameters.AddWithValue("$limit", limit);
        using var reader = command.ExecuteReader();
        var records = new List<MessageRecord>();
        while (reader.Read())
            records.Add(MessageRow.Read(reader));
        return records;
    }

    public IReadOnlyList<MessageRecord> ReadFormer(long folderId, Uid fromUid, int limit) =>
        _connection.Query(
            $"SELECT {MessageRow.Columns} FROM message WHERE folder_id = @folderId AND uid >= @from AND {MessageRow.IsFormer} "
                + "ORDER BY uid LIMIT @limit",
            MessageRow.Read,
            ("folderId", folderId),
            ("from", (long)fromUid.Value),
            ("limit", limit)
        );

    public void Dispose()
    {
        _insert.Dispose();
        _update.Dispose();
    }

    private SqliteCommand Prepare(string sql, params string[] parameters)
    {
        var command = _connection.CreateCommand();
        command.CommandText = sql;
        foreach (var parameter in parameters)
            command.Parameters.Add(new SqliteParameter { ParameterName = parameter });
        return command;
    }

    // The first six parameters are the same in both commands.
    private static void Set(SqliteCommand command, long folderId, Uid uid, long size, FlagSet flags, DateTimeOffset date)
    {
        command.Parameters[0].Value = folderId;
        command.Parameters[1].Value = (long)uid.Value;
        command.Parameters[2].Value = size;
        command.Parameters[3].Value = flags.ToString();
        command.Parameters[4].Value = date.ToUnixTimeSeconds();
        command.Parameters[5].Value = (int)date.Offset.TotalMinutes;
    }
}
