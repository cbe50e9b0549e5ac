using Dapper;
using Migrator.Core.Mail;

namespace Migrator.Storage.Checkpoints.Postgres;

/// <summary>The book of UIDs of one mailbox.</summary>
internal sealed class PostgresUidBook(PostgresMailboxCheckpoint checkpoint, long mailboxId) : IUidBook
{
    public Task<IReadOnlyList<UidEntry>> ReadAsync(CancellationToken cancellationToken) => checkpoint.ReadAsync<IReadOnlyList<UidEntry>>(async connection =>
        [.. (await connection.QueryAsync<(string Key, long Uid, long FirstSeen)>(new CommandDefinition("SELECT key, uid, first_seen FROM uid_book WHERE mailbox_id = @mailboxId ORDER BY uid", new { mailboxId }, cancellationToken: cancellationToken)).ConfigureAwait(false))
            .Select(row => new UidEntry(row.Key, (uint)row.Uid, DateTimeOffset.FromUnixTimeSeconds(row.FirstSeen)))], cancellationToken);

    public Task AddAsync(IReadOnlyList<UidEntry> entries, CancellationToken cancellationToken) => checkpoint.WriteAsync((connection, transaction) => connection.ExecuteAsync(new CommandDefinition("""
        INSERT INTO uid_book (mailbox_id, key, uid, first_seen)
        SELECT @mailboxId, entry.key, entry.uid, entry.first_seen FROM unnest(@keys, @uids, @seen) AS entry (key, uid, first_seen)
        ON CONFLICT (mailbox_id, key) DO NOTHING
        """, new
    {
        mailboxId,
        keys = entries.Select(entry => entry.Key).ToArray(),
        uids = entries.Select(entry => (long)entry.Uid).ToArray(),
        seen = entries.Select(entry => entry.FirstSeen.ToUnixTimeSeconds()).ToArray(),
    }, transaction, cancellationToken: cancellationToken)), cancellationToken);
}
