using Microsoft.Data.Sqlite;
using Migrator.Core.Checkpoints;
using Migrator.Core.Mail;
using Migrator.Storage.Sql;
using Migrator.Storage.Sqlite;

namespace Migrator.Storage.Checkpoints.Sqlite;

/// <summary>One mailbox's rows, over one connection that one call uses at a time.</summary>
/// <param name="held">The locked file; null where nothing is to be written.</param>
internal sealed class SqliteMailboxCheckpoint(SqliteConnection connection, long mailboxId, string path, FileStream? held)
    : IMailboxCheckpoint
{
    private readonly SemaphoreSlim _turn = new(1);
    private readonly MessageRows _messages = new(connection);

    // The lock on the file is let go by the system with the process, and not before.
    public IMailboxLease Lease => ProcessLease.Instance;

    public IUidMap Uids => new SqliteUidMap(this);

    public Task<PhaseMark> PhaseAsync(CancellationToken cancellationToken) =>
        ReadAsync(() => connection.Query(PhaseRow.Select, PhaseRow.Read, ("mailboxId", mailboxId)).Single(), cancellationToken);

    public Task SavePhaseAsync(PhaseMark phase, CancellationToken cancellationToken) =>
        WriteAsync(transaction => connection.Execute(PhaseRow.Save, transaction, PhaseRow.Values(mailboxId, phase)), cancellationToken);

    public Task SaveUndonePlaceAsync(long folderId, FolderPath place, UidValidity uidValidity, CancellationToken cancellationToken) =>
        WriteAsync(
            transaction =>
                connection.Execute(
                    FolderRow.SaveUndonePlace,
                    transaction,
                    ("folderId", folderId),
                    ("mailboxId", mailboxId),
                    ("place", place.ToString()),
                    ("validity", (long)uidValidity.Value)
                ),
            cancellationToken
        );

    public Task<IReadOnlyList<FolderCheckpoint>> FoldersAsync(CancellationToken cancellationToken) =>
        ReadAsync(
            () =>
                connection.Query(
                    "SELECT * FROM folder WHERE mailbox_id = @mailboxId ORDER BY id",
                    FolderRow.Read,
                    ("mailboxId", mailboxId)
                ),
            cancellationToken
        );

    public Task<IReadOnlyList<FolderCheckpoint>> FoldersAsync(FolderPath source, FolderPath target, CancellationToken cancellationToken) =>
        ReadAsync(
            () =>
                connection.Query(
                    FolderRow.OfPaths,
                    FolderRow.Read,
                    ("mailboxId", mailboxId),
                    ("source", source.ToString()),
                    ("target", target.ToString())
                ),
            cancellationToken
        );

    public Task<FolderCheckpoint> SaveFolderAsync(FolderCheckpoint folder, CancellationToken cancellationToken) =>
        WriteAsync(
            transaction =>
            {
                var id = connection.Scalar<long>(FolderRow.Save, transaction, FolderRow.Values(mailboxId, folder));
                return folder with { Id = id };
            },
            cancellationToken
        );

    public Task AddFoundAsync(long folderId, IReadOnlyList<MessageSummary> messages, Uid nextUid, CancellationToken cancellationToken) =>
        WriteAsync(
            transaction =>
            {
                _messages.Insert(folderId, messages, transaction);
                return connection.Execute(
                    "UPDATE folder SET next_uid = @nextUid WHERE id = @folderId",
                    transaction,
                    ("nextUid", (long)nextUid.Value),
                    ("folderId", folderId)
                );
            },
            cancellationToken
        );

    public Task<IReadOnlyList<MessageRecord>> ReadAsync(
        long folderId,
        IReadOnlyList<MessageState> states,
        Uid fromUid,
        int limit,
        CancellationToken cancellationToken
    ) => ReadAsync(() => _messages.Read(folderId, states, fromUid, limit), cancellationToken);

    public Task<UidSet> UidsAsync(long folderId, IReadOnlyList<MessageState> states, CancellationToken cancellationToken) =>
        ReadAsync(
            () =>
                UidQuery.Read(
                    connection,
                    $"SELECT uid FROM message WHERE folder_id = @folderId AND uid > @after AND {MessageRows.Are(states)}",
                    folderId
                ),
            cancellationToken
        );

    public Task<int> CountAsync(
        long folderId,
        IReadOnlyList<MessageState> states,
        IReadOnlyList<UidRange>? atTarget,
        CancellationToken cancellationToken
    ) =>
        ReadAsync(
            () =>
            {
                var sql = $"SELECT count(*) FROM message WHERE folder_id = @folderId AND {MessageRows.Are(states)}";
                return (int)(
                    atTarget is null
                        ? connection.Scalar<long>(sql, null, ("folderId", folderId))
                        : connection.SumEach(
                            $"{sql} AND target_uid <> 0 AND target_uid BETWEEN @first AND @last",
                            atTarget.Select<UidRange, (string, SqlValue)[]>(range =>
                                [("folderId", folderId), ("first", (long)range.First.Value), ("last", (long)range.Last.Value)]
                            )
                        )
                );
            },
            cancellationToken
        );

    public Task<UidSet> OwnedAsync(FolderPath target, UidValidity targetUidValidity, CancellationToken cancellationToken) =>
        ReadAsync(
            () =>
                connection
                    .Query(
                        "SELECT id FROM folder WHERE mailbox_id = @mailboxId AND target = @target AND target_uid_validity = @validity",
                        row => row.GetInt64(0),
                        ("mailboxId", mailboxId),
                        ("target", target.ToString()),
                        ("validity", (long)targetUidValidity.Value)
                    )
                    .Aggregate(
                        UidSet.Empty,
                        (owned, id) =>
                            owned.Union(
                                UidQuery.Read(
                                    connection,
                                    "SELECT DISTINCT target_uid AS uid FROM message WHERE folder_id = @folderId AND target_uid <> 0 "
                                        + "AND target_uid > @after AND state IN (2, 5, 6)",
                                    id
                                )
                            )
                    ),
            cancellationToken
        );

    public Task WriteAsync(long folderId, IReadOnlyList<MessageRecord> records, CancellationToken cancellationToken) =>
        records.Count == 0
            ? Task.CompletedTask
            : WriteAsync(
                transaction =>
                {
                    _messages.Update(folderId, records, transaction);
                    return true;
                },
                cancellationToken
            );

    public Task MarkVanishedAsync(long folderId, IReadOnlyList<Uid> uids, CancellationToken cancellationToken) =>
        uids.Count == 0
            ? Task.CompletedTask
            : WriteAsync(
                transaction =>
                    connection.ExecuteEach(
                        "UPDATE message SET state = 3, intent_uid_validity = NULL, intent_uid_next = NULL, reason = "
                            + $"{FolderRow.ReasonOfRetired}, detail = NULL WHERE folder_id = @folderId AND uid = @uid",
                        transaction,
                        uids.Select<Uid, (string, SqlValue)[]>(uid => [("folderId", folderId), ("uid", (long)uid.Value)])
                    ),
                cancellationToken
            );

    public Task<IReadOnlyList<FolderCheckpoint>> FoldersOfFormerAsync(CancellationToken cancellationToken) =>
        ReadAsync(() => connection.Query(FolderRow.OfFormer, FolderRow.Read, ("mailboxId", mailboxId)), cancellationToken);

    public Task<IReadOnlyList<MessageRecord>> ReadFormerAsync(long folderId, Uid fromUid, int limit, CancellationToken cancellationToken) =>
        ReadAsync(() => _messages.ReadFormer(folderId, fromUid, limit), cancellationToken);

    public Task<IReadOnlyList<DeliveredCopy>> FormerCopiesAsync(
        FolderPath target,
        UidValidity targetUidValidity,
        CancellationToken cancellationToken
    ) => CopiesAsync(target, targetUidValidity, 1, "3, 7", cancellationToken);

    public Task<IReadOnlyList<DeliveredCopy>> DeliveredToAsync(
        FolderPath target,
        UidValidity targetUidValidity,
        TargetUid fromTargetUid,
        CancellationToken cancellationToken
    ) => CopiesAsync(target, targetUidValidity, fromTargetUid, "2, 3, 5, 6, 7", cancellationToken);

    private Task<IReadOnlyList<DeliveredCopy>> CopiesAsync(
        FolderPath target,
        UidValidity targetUidValidity,
        TargetUid fromTargetUid,
        string states,
        CancellationToken cancellationToken
    ) =>
        ReadAsync(
            () =>
                connection.Query(
                    $"""
                    SELECT m.target_uid, m.content, m.state IN (2, 5, 6), m.state = 7, {MessageRow.Stored}, m.is_ours
                    FROM folder f JOIN message m ON m.folder_id = f.id
                    WHERE f.mailbox_id = @mailboxId AND f.target = @target AND f.target_uid_validity = @targetUidValidity
                        AND m.target_uid >= @fromTargetUid AND m.target_uid <> 0 AND m.state IN ({states})
                    """,
                    DeliveredRow.Read,
                    ("mailboxId", mailboxId),
                    ("target", target.ToString()),
                    ("targetUidValidity", (long)targetUidValidity.Value),
                    ("fromTargetUid", (long)fromTargetUid.Uid.Value)
                ),
            cancellationToken
        );

    public Task ResetAsync(long folderId, UidValidity? sentUnder, CancellationToken cancellationToken) =>
        WriteAsync(
            transaction =>
                connection.Execute(
                    """
                    UPDATE message SET target_uid = 0, reason = NULL, detail = NULL, is_ours = 0,
                        state = CASE WHEN @sentUnder IS NOT NULL AND (state = 5 OR intent_uid_next IS NOT NULL) THEN 1 ELSE 0 END,
                        intent_uid_validity = CASE WHEN state = 5 OR intent_uid_next IS NOT NULL THEN @sentUnder END,
                        intent_uid_next = CASE WHEN @sentUnder IS NOT NULL AND (state = 5 OR intent_uid_next IS NOT NULL) THEN 0 END
                    WHERE folder_id = @folderId AND state <> 0
                    """,
                    transaction,
                    ("folderId", folderId),
                    ("sentUnder", (long?)sentUnder?.Value)
                ),
            cancellationToken
        );

    public Task RetireAsync(long folderId, bool uidsGivenAgain, CancellationToken cancellationToken) =>
        WriteAsync(
            transaction =>
                connection.Execute(
                    $"UPDATE message SET state = 7, reason = {FolderRow.ReasonOfRetired} WHERE folder_id = @folderId AND state "
                        + "IN (2, 5, 6)",
                    transaction,
                    ("folderId", folderId)
                ) + connection.Execute(FolderRow.Retire, transaction, ("folderId", folderId), ("uidsGivenAgain", uidsGivenAgain)),
            cancellationToken
        );

    public Task RenameFolderAsync(long folderId, FolderPath source, FolderPath target, CancellationToken cancellationToken) =>
        WriteAsync(
            transaction =>
                connection.Execute(
                    FolderRow.Rename,
                    transaction,
                    ("folderId", folderId),
                    ("mailboxId", mailboxId),
                    ("source", source.ToString()),
                    ("target", target.ToString())
                ),
            cancellationToken
        );

    public Task DeleteFolderAsync(long folderId, CancellationToken cancellationToken) =>
        WriteAsync(
            transaction =>
                connection.Execute(
                    "DELETE FROM folder WHERE id = @folderId AND mailbox_id = @mailboxId",
                    transaction,
                    ("folderId", folderId),
                    ("mailboxId", mailboxId)
                ),
            cancellationToken
        );

    public async ValueTask DisposeAsync()
    {
        await _turn.WaitAsync();
        _messages.Dispose();
        await connection.DisposeAsync();
        if (held is not null)
            await held.DisposeAsync();
    }

    private Task<T> WriteAsync<T>(Func<SqliteTransaction, T> write, CancellationToken cancellationToken) =>
        ReadAsync(
            () =>
            {
                // Not deferred: a transaction that began by reading could not become a writer while another mailbox writes.
                using var transaction = connection.BeginTransaction(deferred: false);
                var result = write(transaction);
                transaction.Commit();
                return result;
            },
            cancellationToken
        );

    // SQLite is synchronous; off the caller's thread, a commit that waits for the disk holds up nobody.
    private async Task<T> ReadAsync<T>(Func<T> read, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            return await SqliteFailure.GuardAsync(path, () => Task.Run(read, cancellationToken));
        }
        finally
        {
            _turn.Release();
        }
    }

    private sealed class SqliteUidMap(SqliteMailboxCheckpoint checkpoint) : IUidMap
    {
        public Task<IReadOnlyList<UidMapEntry>> ReadAsync(CancellationToken cancellationToken) =>
            checkpoint.ReadAsync(
                () =>
                    checkpoint.Connection.Query(
                        "SELECT key, uid, first_seen FROM uid_book WHERE mailbox_id = @MailboxId ORDER BY uid",
                        UidRow.Read,
                        ("MailboxId", checkpoint.MailboxId)
                    ),
                cancellationToken
            );

        public Task AddAsync(IReadOnlyList<UidMapEntry> entries, CancellationToken cancellationToken) =>
            checkpoint.WriteAsync(
                transaction =>
                    checkpoint.Connection.ExecuteEach(
                        "INSERT INTO uid_book (mailbox_id, key, uid, first_seen) VALUES (@MailboxId, @Key, @Uid, @FirstSeen)",
                        transaction,
                        entries.Select(entry => Values(checkpoint.MailboxId, entry))
                    ),
                cancellationToken
            );

        private static (string Name, SqlValue Value)[] Values(long mailboxId, UidMapEntry entry) =>
            [
                ("MailboxId", mailboxId),
                ("Key", entry.Key),
                ("Uid", (long)entry.Uid.Value),
                ("FirstSeen", entry.FirstSeen.ToUnixTimeSeconds()),
            ];
    }

    private SqliteConnection Connection => connection;

    private long MailboxId => mailboxId;
}
