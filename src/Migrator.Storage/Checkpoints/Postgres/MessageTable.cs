using Migrator.Core.Checkpoints;
using Migrator.Core.Mail;
using Npgsql;
using NpgsqlTypes;

namespace Migrator.Storage.Checkpoints.Postgres;

/// <summary>Reads and writes rows of <c>message</c>, many in one statement: the hot path.</summary>
internal static class MessageTable
{
    public static int[] Numbers(IReadOnlyList<MessageState> states) => [.. states.Select(state => (int)state)];

    public static async Task InsertAsync(
        NpgsqlConnection connection,
        NpgsqlTransaction transaction,
        long folderId,
        IReadOnlyList<MessageSummary> messages,
        CancellationToken cancellationToken
    )
    {
        await using var command = new NpgsqlCommand(
            """
            INSERT INTO message (folder_id, uid, state, size, flags, date, date_offset, target_uid)
            SELECT $1, row.uid, 0, row.size, row.flags, row.date, row.date_offset, 0
            FROM unnest($2, $3, $4, $5, $6) AS row (uid, size, flags, date, date_offset)
            ON CONFLICT (folder_id, uid) DO UPDATE SET state = 0, size = excluded.size, flags = excluded.flags,
                date = excluded.date, date_offset = excluded.date_offset, target_uid = 0, reason = NULL, detail = NULL,
                is_ours = FALSE
            WHERE message.state IN (3, 7)
            """,
            connection,
            transaction
        );
        Add(command, folderId);
        Add(command, messages, message => (long)message.Uid.Value);
        Add(command, messages, message => message.Size);
        Add(command, messages, message => message.Flags.ToString());
        Add(command, messages, message => message.InternalDate.ToUnixTimeSeconds());
        Add(command, messages, message => (int)message.InternalDate.Offset.TotalMinutes);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <exception cref="CheckpointException">A UID is not recorded.</exception>
    public static async Task<int> UpdateAsync(
        NpgsqlConnection connection,
        NpgsqlTransaction transaction,
        long folderId,
        IReadOnlyList<MessageRecord> records,
        CancellationToken cancellationToken
    )
    {
        await using var command = new NpgsqlCommand(
            """
            UPDATE message SET state = row.state, content = row.content, size = row.size, flags = row.flags,
                date = row.date, date_offset = row.date_offset, target_uid = row.target_uid,
                intent_uid_validity = row.validity, intent_uid_next = row.next,
                reason = row.reason, detail = row.detail, target_content = row.stored,
                is_ours = row.is_ours
            FROM unnest($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
                AS row (uid, size, flags, date, date_offset, state, content, target_uid, validity, next, reason, detail, stored, is_ours)
            WHERE message.folder_id = $1 AND message.uid = row.uid
            """,
            connection,
            transaction
        );
        Add(command, folderId);
        Add(command, records, record => (long)record.Uid.Value);
        Add(command, records, record => record.Size);
        Add(command, records, record => record.Flags.ToString());
        Add(command, records, record => record.InternalDate.ToUnixTimeSeconds());
        Add(command, records, record => (int)record.InternalDate.Offset.TotalMinutes);
        Add(command, records, record => (int)record.State);
        AddContent(command, records, record => record.Content);
        Add(command, records, record => (long)record.TargetUid.Uid.Value);
        Add(command, records, record => (long?)record.Intent?.UidValidity.Value);
        Add(command, records, record => (long?)record.Intent?.UidNext.Uid.Value);
        Add(command, records, record => record.Reason);
        Add(command, records, record => Storable(record.Detail));
        AddContent(command, records, record => record.TargetContent);
        Add(command, records, record => record.IsOurs);
        var changed = await command.ExecuteNonQueryAsync(cancellationToken);
        return changed == records.Count
            ? changed
            : throw new CheckpointException(
                $"{records.Count - changed} of {records.Count} messages of folder {folderId} are not recorded. Nothing was "
                    + "changed; run again."
            );
    }

    public static async Task<IReadOnlyList<MessageRecord>> ReadAsync(
        NpgsqlConnection connection,
        long folderId,
        IReadOnlyList<MessageState> states,
        Uid fromUid,
        int limit,
        CancellationToken cancellationToken
    )
    {
        await using var command = new NpgsqlCommand(
            $"""
            SELECT {MessageRow.Columns}
            FROM message WHERE folder_id = $1 AND uid >= $2 AND state = ANY ($3) ORDER BY uid LIMIT $4
            """,
            connection
        );
        Add(command, folderId);
        Add(command, (long)fromUid.Value);
        Add(command, Numbers(states));
        Add(command, limit);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var records = new List<MessageRecord>();
        while (await reader.ReadAsync(cancellationToken))
            records.Add(MessageRow.Read(reader));
        return records;
    }

    private static void AddContent(NpgsqlCommand command, IReadOnlyList<MessageRecord> records, Func<MessageRecord, ContentId?> content) =>
        command.Parameters.Add(
            new()
            {
                Value = records.Select(record => content(record)?.ToArray()).ToArray(),
                NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea,
            }
        );

    // PostgreSQL stores no U+0000 in text, and a server's own words may hold one.
    private static string? Storable(string? text) => text?.Replace('\0', '\uFFFD');

    private static void Add<T>(NpgsqlCommand command, T value) => command.Parameters.Add(new NpgsqlParameter<T> { TypedValue = value });

    private static void Add<TItem, TValue>(NpgsqlCommand command, IReadOnlyList<TItem> items, Func<TItem, TValue> value) =>
        command.Parameters.Add(new NpgsqlParameter<TValue[]> { TypedValue = [.. items.Select(value)] });
}
