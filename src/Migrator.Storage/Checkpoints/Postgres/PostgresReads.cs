using Migrator.Core.Checkpoints;
using Migrator.Core.Mail;
using Migrator.Storage.Sql;
using Npgsql;

namespace Migrator.Storage.Checkpoints.Postgres;

/// <summary>Queries about one mailbox, for its holder and for readers alike.</summary>
internal static class PostgresReads
{
    public static async Task<PhaseMark> PhaseAsync(NpgsqlConnection connection, long mailboxId, CancellationToken cancellationToken) =>
        (await connection.QueryAsync(PhaseRow.Select, PhaseRow.Read, null, cancellationToken, ("mailboxId", mailboxId))).Single();

    public static Task<IReadOnlyList<FolderCheckpoint>> FoldersAsync(
        NpgsqlConnection connection,
        long mailboxId,
        CancellationToken cancellationToken
    ) =>
        connection.QueryAsync(
            "SELECT * FROM folder WHERE mailbox_id = @mailboxId ORDER BY id",
            FolderRow.Read,
            null,
            cancellationToken,
            ("mailboxId", mailboxId)
        );

    public static Task<IReadOnlyList<FolderCheckpoint>> FoldersAsync(
        NpgsqlConnection connection,
        long mailboxId,
        FolderPath source,
        FolderPath target,
        CancellationToken cancellationToken
    ) =>
        connection.QueryAsync(
            FolderRow.OfPaths,
            FolderRow.Read,
            null,
            cancellationToken,
            ("mailboxId", mailboxId),
            ("source", source.ToString()),
            ("target", target.ToString())
        );

    public static Task<IReadOnlyList<UidMapEntry>> UidMapAsync(
        NpgsqlConnection connection,
        long mailboxId,
        CancellationToken cancellationToken
    ) =>
        connection.QueryAsync(
            "SELECT key, uid, first_seen FROM uid_book WHERE mailbox_id = @mailboxId ORDER BY uid",
            UidRow.Read,
            null,
            cancellationToken,
            ("mailboxId", mailboxId)
        );

    public static Task<UidSet> UidsAsync(
        NpgsqlConnection connection,
        long folderId,
        IReadOnlyList<MessageState> states,
        CancellationToken cancellationToken
    ) =>
        UidsAsync(
            connection,
            "SELECT uid FROM message WHERE folder_id = @folderId AND state = ANY (@states)",
            cancellationToken,
            ("folderId", folderId),
            ("states", MessageTable.Numbers(states))
        );

    public static async Task<int> CountAsync(
        NpgsqlConnection connection,
        long folderId,
        IReadOnlyList<MessageState> states,
        IReadOnlyList<UidRange>? atTarget,
        CancellationToken cancellationToken
    )
    {
        const string sql = "SELECT count(*) FROM message WHERE folder_id = @folderId AND state = ANY (@states)";
        return (int)(
            atTarget is null
                ? await connection.ScalarAsync<long>(
                    sql,
                    null,
                    cancellationToken,
                    ("folderId", folderId),
                    ("states", MessageTable.Numbers(states))
                )
                : await connection.ScalarAsync<long>(
                    sql
                        + " AND target_uid <> 0 AND EXISTS (SELECT FROM unnest(@first, @last) AS range (first, last) "
                        + "WHERE target_uid BETWEEN range.first AND range.last)",
                    null,
                    cancellationToken,
                    ("folderId", folderId),
                    ("states", MessageTable.Numbers(states)),
                    ("first", atTarget.Select(range => (long)range.First.Value).ToArray()),
                    ("last", atTarget.Select(range => (long)range.Last.Value).ToArray())
                )
        );
    }

    public static Task<UidSet> OwnedAsync(
        NpgsqlConnection connection,
        long mailboxId,
        FolderPath target,
        UidValidity targetUidValidity,
        CancellationToken cancellationToken
    ) =>
        UidsAsync(
            connection,
            """
            SELECT DISTINCT m.target_uid AS uid FROM folder f JOIN message m ON m.folder_id = f.id
            WHERE f.mailbox_id = @mailboxId AND f.target = @target AND f.target_uid_validity = @validity
                AND m.target_uid <> 0 AND m.state IN (2, 5, 6)
            """,
            cancellationToken,
            ("mailboxId", mailboxId),
            ("target", target.ToString()),
            ("validity", (long)targetUidValidity.Value)
        );

    /// <summary>As ranges: a million UIDs are a few of them, and take no time on their way here.</summary>
    /// <param name="sql">Selects <c>uid</c>, each once.</param>
    private static async Task<UidSet> UidsAsync(
        NpgsqlConnection connection,
        string sql,
        CancellationToken cancellationToken,
        params (string Name, SqlValue Value)[] values
    ) =>
        UidSet.Of(
            await connection.QueryAsync(
                "SELECT min(uid), max(uid) FROM (SELECT uid, uid - row_number() OVER (ORDER BY uid) AS island "
                    + $"FROM ({sql}) AS uids) AS islands GROUP BY island",
                row => new UidRange((uint)row.GetInt64(0), (uint)row.GetInt64(1)),
                null,
                cancellationToken,
                values
            )
        );

    public static Task<IReadOnlyList<FolderCheckpoint>> FoldersOfFormerAsync(
        NpgsqlConnection connection,
        long mailboxId,
        CancellationToken cancellationToken
    ) => connection.QueryAsync(FolderRow.OfFormer, FolderRow.Read, null, cancellationToken, ("mailboxId", mailboxId));

    public static Task<IReadOnlyList<MessageRecord>> ReadFormerAsync(
        NpgsqlConnection connection,
        long folderId,
        Uid fromUid,
        int limit,
        CancellationToken cancellationToken
    ) =>
        connection.QueryAsync(
            $"SELECT {MessageRow.Columns} FROM message WHERE folder_id = @folderId AND uid >= @from AND {MessageRow.IsFormer} "
                + "ORDER BY uid LIMIT @limit",
            MessageRow.Read,
            null,
            cancellationToken,
            ("folderId", folderId),
            ("from", (long)fromUid.Value),
            ("limit", limit)
        );

    public static Task<IReadOnlyList<DeliveredCopy>> FormerCopiesAsync(
        NpgsqlConnection connection,
        long mailboxId,
        FolderPath target,
        UidValidity targetUidValidity,
        CancellationToken cancellationToken
    ) => CopiesAsync(connection, mailboxId, target, targetUidValidity, 1, "3, 7", cancellationToken);

    public static Task<IReadOnlyList<DeliveredCopy>> DeliveredToAsync(
        NpgsqlConnection connection,
        long mailboxId,
        FolderPath target,
        UidValidity targetUidValidity,
        TargetUid fromTargetUid,
        CancellationToken cancellationToken
    ) => CopiesAsync(connection, mailboxId, target, targetUidValidity, fromTargetUid, "2, 3, 5, 6, 7", cancellationToken);

    private static Task<IReadOnlyList<DeliveredCopy>> CopiesAsync(
        NpgsqlConnection connection,
        long mailboxId,
        FolderPath target,
        UidValidity targetUidValidity,
        TargetUid fromTargetUid,
        string states,
        CancellationToken cancellationToken
    ) =>
        connection.QueryAsync(
            $"""
            SELECT m.target_uid, m.content, m.state IN (2, 5, 6), m.state = 7, {MessageRow.Stored}, m.is_ours
            FROM folder f JOIN message m ON m.folder_id = f.id
            WHERE f.mailbox_id = @mailboxId AND f.target = @target AND f.target_uid_validity = @validity
                AND m.target_uid >= @from AND m.target_uid <> 0 AND m.state IN ({states})
            """,
            DeliveredRow.Read,
            null,
            cancellationToken,
            ("mailboxId", mailboxId),
            ("target", target.ToString()),
            ("validity", (long)targetUidValidity.Value),
            ("from", (long)fromTargetUid.Uid.Value)
        );
}
