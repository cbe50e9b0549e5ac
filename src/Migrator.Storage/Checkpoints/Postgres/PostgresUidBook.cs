using Migrator.Core.Mail;
using Migrator.Storage.Sql;

namespace Migrator.Storage.Checkpoints.Postgres;

/// <summary>The book of UIDs of one mailbox.</summary>
internal sealed class PostgresUidBook(PostgresMailboxCheckpoint checkpoint, long mailboxId) : IUidBook
{
    public Task<IReadOnlyList<UidEntry>> ReadAsync(CancellationToken cancellationToken) =>
        checkpoint.ReadAsync(connection => PostgresReads.UidBookAsync(connection, mailboxId, cancellationToken), cancellationToken);

    public Task AddAsync(IReadOnlyList<UidEntry> entries, CancellationToken cancellationToken) => checkpoint.WriteAsync((connection, transaction) =>
        connection.ExecuteAsync("""
        INSERT INTO uid_book (mailbox_id, key, uid, first_seen)
        SELECT @mailboxId, entry.key, entry.uid, entry.first_seen FROM unnest(@keys, @uids, @seen) AS entry (key, uid, first_seen)
        ON CONFLICT (mailbox_id, key) DO NOTHING
        """, transaction, cancellationToken,
        ("mailboxId", mailboxId),
        ("keys", entries.Select(entry => entry.Key).ToArray()),
        ("uids", entries.Select(entry => (long)entry.Uid).ToArray()),
        ("seen", entries.Select(entry => entry.FirstSeen.ToUnixTimeSeconds()).ToArray())), cancellationToken);
}
