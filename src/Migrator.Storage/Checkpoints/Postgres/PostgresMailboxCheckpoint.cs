using Migrator.Core.Checkpoints;
using Migrator.Core.Mail;
using Migrator.Core.Timing;
using Migrator.Storage.Postgres;
using Migrator.Storage.Sql;
using Npgsql;

namespace Migrator.Storage.Checkpoints.Postgres;

/// <summary>One mailbox's rows, while the lease on it lasts.</summary>
internal sealed class PostgresMailboxCheckpoint : IMailboxCheckpoint
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(200);

    private readonly PostgresDatabase _database;
    private readonly long _mailboxId;
    private readonly long _fencingToken;
    private readonly TimedLease _lease;
    private readonly TimeSpan _leaseDuration;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _end = new();
    private readonly Task _renewing;

    public PostgresMailboxCheckpoint(
        PostgresDatabase database,
        long mailboxId,
        long fencingToken,
        TimedLease lease,
        TimeSpan leaseDuration,
        TimeProvider time
    )
    {
        (_database, _mailboxId, _fencingToken, _lease, _leaseDuration, _time) = (
            database,
            mailboxId,
            fencingToken,
            lease,
            leaseDuration,
            time
        );
        _renewing = RenewAsync();
    }

    public IMailboxLease Lease => _lease;

    public IUidMap Uids => new PostgresUidMap(this, _mailboxId);

    public Task<PhaseMark> PhaseAsync(CancellationToken cancellationToken) =>
        ReadAsync(connection => PostgresReads.PhaseAsync(connection, _mailboxId, cancellationToken), cancellationToken);

    public Task SavePhaseAsync(PhaseMark phase, CancellationToken cancellationToken) =>
        WriteAsync(
            (connection, transaction) =>
                connection.ExecuteAsync(PhaseRow.Save, transaction, cancellationToken, PhaseRow.Values(_mailboxId, phase)),
            cancellationToken
        );

    public Task SaveUndonePlaceAsync(long folderId, FolderPath place, UidValidity uidValidity, CancellationToken cancellationToken) =>
        WriteAsync(
            (connection, transaction) =>
                connection.ExecuteAsync(
                    FolderRow.SaveUndonePlace,
                    transaction,
                    cancellationToken,
                    ("folderId", folderId),
                    ("mailboxId", _mailboxId),
                    ("place", place.ToString()),
                    ("validity", (long)uidValidity.Value)
                ),
            cancellationToken
        );

    public Task<IReadOnlyList<FolderCheckpoint>> FoldersAsync(CancellationToken cancellationToken) =>
        ReadAsync(connection => PostgresReads.FoldersAsync(connection, _mailboxId, cancellationToken), cancellationToken);

    public Task<FolderCheckpoint> SaveFolderAsync(FolderCheckpoint folder, CancellationToken cancellationToken) =>
        WriteAsync(
            async (connection, transaction) =>
            {
                var values = FolderRow.Values(_mailboxId, folder);
                var id = await connection.ScalarAsync<long>(FolderRow.Save, transaction, cancellationToken, values);
                return folder with { Id = id };
            },
            cancellationToken
        );

    public Task AddFoundAsync(long folderId, IReadOnlyList<MessageSummary> messages, Uid nextUid, CancellationToken cancellationToken) =>
        WriteAsync(
            async (connection, transaction) =>
            {
                await MessageTable.InsertAsync(connection, transaction, folderId, messages, cancellationToken);
                return await connection.ExecuteAsync(
                    "UPDATE folder SET next_uid = @nextUid WHERE id = @folderId",
                    transaction,
                    cancellationToken,
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
    ) =>
        ReadAsync(connection => MessageTable.ReadAsync(connection, folderId, states, fromUid, limit, cancellationToken), cancellationToken);

    public Task<IReadOnlyList<FolderCheckpoint>> FoldersAsync(FolderPath source, FolderPath target, CancellationToken cancellationToken) =>
        ReadAsync(connection => PostgresReads.FoldersAsync(connection, _mailboxId, source, target, cancellationToken), cancellationToken);

    public Task<int> CountAsync(
        long folderId,
        IReadOnlyList<MessageState> states,
        IReadOnlyList<UidRange>? atTarget,
        CancellationToken cancellationToken
    ) => ReadAsync(connection => PostgresReads.CountAsync(connection, folderId, states, atTarget, cancellationToken), cancellationToken);

    public Task<UidSet> OwnedAsync(FolderPath target, UidValidity targetUidValidity, CancellationToken cancellationToken) =>
        ReadAsync(
            connection => PostgresReads.OwnedAsync(connection, _mailboxId, target, targetUidValidity, cancellationToken),
            cancellationToken
        );

    public Task<IReadOnlyList<FolderCheckpoint>> FoldersOfFormerAsync(CancellationToken cancellationToken) =>
        ReadAsync(connection => PostgresReads.FoldersOfFormerAsync(connection, _mailboxId, cancellationToken), cancellationToken);

    public Task<IReadOnlyList<MessageRecord>> ReadFormerAsync(long folderId, Uid fromUid, int limit, CancellationToken cancellationToken) =>
        ReadAsync(connection => PostgresReads.ReadFormerAsync(connection, folderId, fromUid, limit, cancellationToken), cancellationToken);

    public Task<IReadOnlyList<DeliveredCopy>> FormerCopiesAsync(
        FolderPath target,
        UidValidity targetUidValidity,
        CancellationToken cancellationToken
    ) =>
        ReadAsync(
            connection => PostgresReads.FormerCopiesAsync(connection, _mailboxId, target, targetUidValidity, cancellationToken),
            cancellationToken
        );

    public Task<UidSet> UidsAsync(long folderId, IReadOnlyList<MessageState> states, CancellationToken cancellationToken) =>
        ReadAsync(connection => PostgresReads.UidsAsync(connection, folderId, states, cancellationToken), cancellationToken);

    public Task WriteAsync(long folderId, IReadOnlyList<MessageRecord> records, CancellationToken cancellationToken) =>
        records.Count == 0
            ? Task.CompletedTask
            : WriteAsync(
                (connection, transaction) => MessageTable.UpdateAsync(connection, transaction, folderId, records, cancellationToken),
                cancellationToken
            );

    public Task MarkVanishedAsync(long folderId, IReadOnlyList<Uid> uids, CancellationToken cancellationToken) =>
        uids.Count == 0
            ? Task.CompletedTask
            : WriteAsync(
                (connection, transaction) =>
                    connection.ExecuteAsync(
                        "UPDATE message SET state = 3, intent_uid_validity = NULL, intent_uid_next = NULL, reason = "
                            + $"{FolderRow.ReasonOfRetired}, detail = NULL WHERE folder_id = @folderId AND uid = ANY (@uids)",
                        transaction,
                        cancellationToken,
                        ("folderId", folderId),
                        ("uids", uids.Select(uid => (long)uid.Value).ToArray())
                    ),
                cancellationToken
            );

    public Task<IReadOnlyList<DeliveredCopy>> DeliveredToAsync(
        FolderPath target,
        UidValidity targetUidValidity,
        TargetUid fromTargetUid,
        CancellationToken cancellationToken
    ) =>
        ReadAsync(
            connection =>
                PostgresReads.DeliveredToAsync(connection, _mailboxId, target, targetUidValidity, fromTargetUid, cancellationToken),
            cancellationToken
        );

    public Task ResetAsync(long folderId, UidValidity? sentUnder, CancellationToken cancellationToken) =>
        WriteAsync(
            (connection, transaction) =>
                connection.ExecuteAsync(
                    """
                    UPDATE message SET target_uid = 0, reason = NULL, detail = NULL, is_ours = FALSE,
                        state = CASE WHEN CAST(@sentUnder AS bigint) IS NOT NULL
                            AND (state = 5 OR intent_uid_next IS NOT NULL) THEN 1 ELSE 0 END,
                        intent_uid_validity = CASE WHEN state = 5 OR intent_uid_next IS NOT NULL THEN CAST(@sentUnder AS bigint) END,
                        intent_uid_next = CASE WHEN CAST(@sentUnder AS bigint) IS NOT NULL
                            AND (state = 5 OR intent_uid_next IS NOT NULL) THEN 0 END
                    WHERE folder_id = @folderId AND state <> 0
                    """,
                    transaction,
                    cancellationToken,
                    ("folderId", folderId),
                    ("sentUnder", (long?)sentUnder?.Value)
                ),
            cancellationToken
        );

    public Task RetireAsync(long folderId, bool uidsGivenAgain, CancellationToken cancellationToken) =>
        WriteAsync(
            async (connection, transaction) =>
            {
                await connection.ExecuteAsync(
                    $"UPDATE message SET state = 7, reason = {FolderRow.ReasonOfRetired} WHERE folder_id = @folderId AND state "
                        + "IN (2, 5, 6)",
                    transaction,
                    cancellationToken,
                    ("folderId", folderId)
                );
                return await connection.ExecuteAsync(
                    FolderRow.Retire,
                    transaction,
                    cancellationToken,
                    ("folderId", folderId),
                    ("uidsGivenAgain", uidsGivenAgain)
                );
            },
            cancellationToken
        );

    public Task RenameFolderAsync(long folderId, FolderPath source, FolderPath target, CancellationToken cancellationToken) =>
        WriteAsync(
            (connection, transaction) =>
                connection.ExecuteAsync(
                    FolderRow.Rename,
                    transaction,
                    cancellationToken,
                    ("folderId", folderId),
                    ("mailboxId", _mailboxId),
                    ("source", source.ToString()),
                    ("target", target.ToString())
                ),
            cancellationToken
        );

    public Task DeleteFolderAsync(long folderId, CancellationToken cancellationToken) =>
        WriteAsync(
            (connection, transaction) =>
                connection.ExecuteAsync(
                    "DELETE FROM folder WHERE id = @folderId AND mailbox_id = @_mailboxId",
                    transaction,
                    cancellationToken,
                    ("folderId", folderId),
                    ("_mailboxId", _mailboxId)
                ),
            cancellationToken
        );

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _renewing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        try
        {
            await using var connection = await _database.Source.OpenConnectionAsync();
            await connection.ExecuteAsync(
                "UPDATE mailbox SET lease_until = NULL WHERE id = @_mailboxId AND fence = @_fence",
                null,
                CancellationToken.None,
                ("_mailboxId", _mailboxId),
                ("_fence", _fencingToken)
            );
        }
        catch (NpgsqlException)
        {
            // The lease expires automatically.
        }
        _lease.Lose();
        _lease.Dispose();
        _end.Dispose();
    }

    internal Task<T> ReadAsync<T>(Func<NpgsqlConnection, Task<T>> read, CancellationToken cancellationToken) =>
        PersistAsync(
            async () =>
            {
                await using var connection = await _database.Source.OpenConnectionAsync(cancellationToken);
                return await read(connection);
            },
            cancellationToken
        );

    /// <summary>Each write is such that made twice it is as made once: a connection that was lost in a commit says nothing of its
    /// outcome.</summary>
    internal Task<T> WriteAsync<T>(Func<NpgsqlConnection, NpgsqlTransaction, Task<T>> write, CancellationToken cancellationToken) =>
        PersistAsync(
            async () =>
            {
                await using var connection = await _database.Source.OpenConnectionAsync(cancellationToken);
                await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
                // Under a lock on the row until the commit: a worker that takes over waits for it, and nothing is written after that.
                if (
                    await connection.ScalarAsync<int?>(
                        "SELECT 1 FROM mailbox WHERE id = @_mailboxId AND fence = @_fence FOR SHARE",
                        transaction,
                        cancellationToken,
                        ("_mailboxId", _mailboxId),
                        ("_fence", _fencingToken)
                    )
                    is null
                )
                {
                    _lease.Lose();
                    throw new LeaseLostException("Another worker has taken this mailbox over.");
                }
                var result = await write(connection, transaction);
                await transaction.CommitAsync(cancellationToken);
                return result;
            },
            cancellationToken
        );

    /// <summary>A database that is restarted is waited for, as long as the mailbox is surely ours.</summary>
    private async Task<T> PersistAsync<T>(Func<Task<T>> call, CancellationToken cancellationToken)
    {
        for (var wait = s_pause; ; wait *= 2)
        {
            _lease.ThrowIfLost();
            try
            {
                return await call();
            }
            catch (NpgsqlException exception) when (PostgresDatabase.MayPass(exception) && _lease.IsHeld && wait < _leaseDuration / 3)
            {
                await Task.Delay(wait, _time, cancellationToken);
            }
            catch (NpgsqlException exception)
            {
                throw new CheckpointException(_database.Words(exception), exception);
            }
        }
    }

    private async Task RenewAsync()
    {
        using var ticker = new Ticker(_leaseDuration / 3, _time);
        while (await ticker.NextAsync(_end.Token))
        {
            var mark = _lease.Mark();
            try
            {
                await using var connection = await _database.Source.OpenConnectionAsync(_end.Token);
                var renewed = await connection.ExecuteAsync(
                    "UPDATE mailbox SET lease_until = clock_timestamp() + @_lease WHERE id = @_mailboxId AND fence = @_fence",
                    null,
                    _end.Token,
                    ("_lease", _leaseDuration),
                    ("_mailboxId", _mailboxId),
                    ("_fence", _fencingToken)
                );
                if (renewed > 0)
                    _lease.Renewed(mark);
                else
                    _lease.Lose();
            }
            catch (NpgsqlException)
            {
                // Tried again with the next tick, until too much time has passed.
            }
            if (!_lease.IsHeld)
            {
                _lease.Lose();
                return;
            }
        }
    }
}
