using Migrator.Core.Mail;
using Migrator.Storage.Sql;

namespace Migrator.Storage.Checkpoints.Postgres;

/// <summary>The UID map of one mailbox.</summary>
internal sealed class PostgresUidMap(PostgresMailboxCheckpoint checkpoint, long mailboxId) : IUidMap
{
    public Task<IReadOnlyList<UidMapEntry>> ReadAsync(CancellationToken cancellationToken) =>
        checkpoint.ReadAsync(connection => PostgresReads.UidMapAsync(connection, mailboxId, cancellationToken), cancellationToken);

    public Task AddAsync(IReadOnlyList<UidMapEntry> entries, CancellationToken cancellationToken) =>
        checkpoint.WriteAsync(
            (connection, transaction) =>
                connection.ExecuteAsync(
                    """
                    INSERT INTO uid_book (mailbox_id, key, uid, first_seen)
                    SELECT @mailboxId, entry.key, entry.uid, entry.first_seen
                    FROM unnest(@keys, @uids, @seen) AS entry (key, uid, first_seen)
                    ON CONFLICT (mailbox_id, key) DO NOTHING
                    """,
                    transaction,
                    cancellationToken,
                    ("mailboxId", mailboxId),
                    ("keys", entries.Select(entry => entry.Key).ToArray()),
                    ("uids", entries.Select(entry => (long)entry.Uid.Value).ToArray()),
                    ("seen", entries.Select(entry => entry.FirstSeen.ToUnixTimeSeconds()).ToArray())
                ),
            cancellationToken
        );
}
