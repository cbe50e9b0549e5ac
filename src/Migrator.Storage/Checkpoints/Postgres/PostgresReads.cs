using Migrator.Core.Checkpoints;
using Migrator.Core.Mail;
using Migrator.Storage.Sql;
using Npgsql;

namespace Migrator.Storage.Checkpoints.Postgres;

/// <summary>Queries about one mailbox, for its holder and for readers alike.</summary>
internal static class PostgresReads
{
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

    public static Task<IReadOnlyList<Uid>> UidsAsync(
        NpgsqlConnection connection,
        long folderId,
        IReadOnlyList<MessageState> states,
        CancellationToken cancellationToken
    ) =>
        connection.QueryAsync(
            "SELECT uid FROM message WHERE folder_id = @folderId AND state = ANY (@states) ORDER BY uid",
            row => (Uid)(uint)row.GetInt64(0),
            null,
            cancellationToken,
            ("folderId", folderId),
            ("states", MessageTable.Numbers(states))
        );

    public static Task<IReadOnlyList<DeliveredCopy>> DeliveredToAsync(
        NpgsqlConnection connection,
        long mailboxId,
        FolderPath target,
        UidValidity targetUidValidity,
        TargetUid fromTargetUid,
        CancellationToken cancellationToken
    ) =>
        connection.QueryAsync(
            $"""
            SELECT m.target_uid, m.content, m.state IN (2, 5, 6), m.state = 7, {MessageRow.Stored}
            FROM folder f JOIN message m ON m.folder_id = f.id
            WHERE f.mailbox_id = @mailboxId AND f.target = @target AND f.target_uid_validity = @validity
                AND m.target_uid >= @from AND m.target_uid <> 0 AND m.state IN (2, 3, 5, 6, 7)
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
