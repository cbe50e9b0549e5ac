using Migrator.Core.Checkpoints;
using Migrator.Core.Mail;
using Migrator.Storage.Postgres;
using Npgsql;

namespace Migrator.Storage.Checkpoints.Postgres;

/// <summary>One mailbox's rows, read beside any holder.</summary>
internal sealed class PostgresMailboxRecords(PostgresDatabase database, long mailboxId) : IMailboxRecords
{
    public IUidMap Uids => new UidMap(this);

    public Task<PhaseMark> PhaseAsync(CancellationToken cancellationToken) =>
        QueryAsync(connection => PostgresReads.PhaseAsync(connection, mailboxId, cancellationToken), cancellationToken);

    public Task<IReadOnlyList<FolderCheckpoint>> FoldersAsync(CancellationToken cancellationToken) =>
        QueryAsync(connection => PostgresReads.FoldersAsync(connection, mailboxId, cancellationToken), cancellationToken);

    public Task<IReadOnlyList<MessageRecord>> ReadAsync(
        long folderId,
        IReadOnlyList<MessageState> states,
        Uid fromUid,
        int limit,
        CancellationToken cancellationToken
    ) =>
        QueryAsync(
            connection => MessageTable.ReadAsync(connection, folderId, states, fromUid, limit, cancellationToken),
            cancellationToken
        );

    public Task<IReadOnlyList<FolderCheckpoint>> FoldersAsync(FolderPath source, FolderPath target, CancellationToken cancellationToken) =>
        QueryAsync(connection => PostgresReads.FoldersAsync(connection, mailboxId, source, target, cancellationToken), cancellationToken);

    public Task<int> CountAsync(
        long folderId,
        IReadOnlyList<MessageState> states,
        IReadOnlyList<UidRange>? atTarget,
        CancellationToken cancellationToken
    ) => QueryAsync(connection => PostgresReads.CountAsync(connection, folderId, states, atTarget, cancellationToken), cancellationToken);

    public Task<UidSet> OwnedAsync(FolderPath target, UidValidity targetUidValidity, CancellationToken cancellationToken) =>
        QueryAsync(
            connection => PostgresReads.OwnedAsync(connection, mailboxId, target, targetUidValidity, cancellationToken),
            cancellationToken
        );

    public Task<IReadOnlyList<FolderCheckpoint>> FoldersOfFormerAsync(CancellationToken cancellationToken) =>
        QueryAsync(connection => PostgresReads.FoldersOfFormerAsync(connection, mailboxId, cancellationToken), cancellationToken);

    public Task<IReadOnlyList<MessageRecord>> ReadFormerAsync(long folderId, Uid fromUid, int limit, CancellationToken cancellationToken) =>
        QueryAsync(connection => PostgresReads.ReadFormerAsync(connection, folderId, fromUid, limit, cancellationToken), cancellationToken);

    public Task<IReadOnlyList<DeliveredCopy>> FormerCopiesAsync(
        FolderPath target,
        UidValidity targetUidValidity,
        CancellationToken cancellationToken
    ) =>
        QueryAsync(
            connection => PostgresReads.FormerCopiesAsync(connection, mailboxId, target, targetUidValidity, cancellationToken),
            cancellationToken
        );

    public Task<UidSet> UidsAsync(long folderId, IReadOnlyList<MessageState> states, CancellationToken cancellationToken) =>
        QueryAsync(connection => PostgresReads.UidsAsync(connection, folderId, states, cancellationToken), cancellationToken);

    public Task<IReadOnlyList<DeliveredCopy>> DeliveredToAsync(
        FolderPath target,
        UidValidity targetUidValidity,
        TargetUid fromTargetUid,
        CancellationToken cancellationToken
    ) =>
        QueryAsync(
            connection =>
                PostgresReads.DeliveredToAsync(connection, mailboxId, target, targetUidValidity, fromTargetUid, cancellationToken),
            cancellationToken
        );

    public ValueTask DisposeAsync() => default;

    private async Task<T> QueryAsync<T>(Func<NpgsqlConnection, Task<T>> query, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await database.Source.OpenConnectionAsync(cancellationToken);
            return await query(connection);
        }
        catch (NpgsqlException exception)
        {
            throw new CheckpointException(database.Words(exception), exception);
        }
    }

    private sealed class UidMap(PostgresMailboxRecords records) : IUidMap
    {
        public Task<IReadOnlyList<UidMapEntry>> ReadAsync(CancellationToken cancellationToken) =>
            records.QueryAsync(
                connection => PostgresReads.UidMapAsync(connection, records.MailboxId, cancellationToken),
                cancellationToken
            );

        public Task AddAsync(IReadOnlyList<UidMapEntry> entries, CancellationToken cancellationToken) =>
            throw new NotSupportedException("The records are open for reading only.");
    }

    private long MailboxId => mailboxId;
}
