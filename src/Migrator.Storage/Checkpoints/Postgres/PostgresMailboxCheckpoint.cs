using Migrator.Core.Checkpoints;
using Migrator.Core.Mail;
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
    private readonly long _fence;
    private readonly LeasedHold _hold;
    private readonly TimeSpan _lease;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _end = new();
    private readonly Task _renewing;

    public PostgresMailboxCheckpoint(PostgresDatabase database, long mailboxId, long fence, LeasedHold hold, TimeSpan lease, TimeProvider time)
    {
        (_database, _mailboxId, _fence, _hold, _lease, _time) = (database, mailboxId, fence, hold, lease, time);
        _renewing = RenewAsync();
    }

    public IHold Hold => _hold;

    public IUidBook Uids => new PostgresUidBook(this, _mailboxId);

    public Task<IReadOnlyList<FolderCheckpoint>> FoldersAsync(CancellationToken cancellationToken) =>
        ReadAsync(connection => PostgresReads.FoldersAsync(connection, _mailboxId, cancellationToken), cancellationToken);

    public Task<FolderCheckpoint> SaveFolderAsync(FolderCheckpoint folder, CancellationToken cancellationToken) => WriteAsync(async (connection, transaction) =>
    {
        var values = FolderRow.Values(_mailboxId, folder);
        var id = await connection.ScalarAsync<long>(FolderRow.Save, transaction, cancellationToken, values).ConfigureAwait(false);
        return folder with { Id = id };
    }, cancellationToken);

    public Task AddFoundAsync(long folderId, IReadOnlyList<MessageSummary> messages, uint nextUid, CancellationToken cancellationToken) => WriteAsync(async (connection, transaction) =>
    {
        await MessageTable.InsertAsync(connection, transaction, folderId, messages, cancellationToken).ConfigureAwait(false);
        return await connection.ExecuteAsync("UPDATE folder SET next_uid = @nextUid WHERE id = @folderId", transaction, cancellationToken,
            ("nextUid", (long)nextUid), ("folderId", folderId)).ConfigureAwait(false);
    }, cancellationToken);

    public Task<IReadOnlyList<MessageRecord>> ReadAsync(long folderId, IReadOnlyList<MessageState> states, uint fromUid, int limit, CancellationToken cancellationToken) =>
        ReadAsync(connection => MessageTable.ReadAsync(connection, folderId, states, fromUid, limit, cancellationToken), cancellationToken);

    public Task<IReadOnlyList<uint>> UidsAsync(long folderId, IReadOnlyList<MessageState> states, CancellationToken cancellationToken) =>
        ReadAsync(connection => PostgresReads.UidsAsync(connection, folderId, states, cancellationToken), cancellationToken);

    public Task WriteAsync(long folderId, IReadOnlyList<MessageRecord> records, CancellationToken cancellationToken) => records.Count == 0 ? Task.CompletedTask
        : WriteAsync((connection, transaction) => MessageTable.UpdateAsync(connection, transaction, folderId, records, cancellationToken), cancellationToken);

    public Task VanishAsync(long folderId, IReadOnlyList<uint> uids, CancellationToken cancellationToken) => uids.Count == 0 ? Task.CompletedTask : WriteAsync((connection, transaction) =>
        connection.ExecuteAsync($"UPDATE message SET state = 3, intent_uid_validity = NULL, intent_uid_next = NULL, reason = {FolderRow.ReasonOfRetired}, detail = NULL WHERE folder_id = @folderId AND uid = ANY (@uids)",
            transaction, cancellationToken, ("folderId", folderId), ("uids", uids.Select(uid => (long)uid).ToArray())), cancellationToken);

    public Task<IReadOnlyList<DeliveredCopy>> DeliveredToAsync(FolderPath target, uint targetUidValidity, uint fromTargetUid, CancellationToken cancellationToken) =>
        ReadAsync(connection => PostgresReads.DeliveredToAsync(
            connection, _mailboxId, target, targetUidValidity, fromTargetUid, cancellationToken), cancellationToken);

    public Task ResetAsync(long folderId, uint? sentUnder, CancellationToken cancellationToken) => WriteAsync((connection, transaction) =>
        connection.ExecuteAsync("""
            UPDATE message SET target_uid = 0, reason = NULL, detail = NULL,
                state = CASE WHEN CAST(@sentUnder AS bigint) IS NOT NULL AND (state = 5 OR intent_uid_next IS NOT NULL) THEN 1 ELSE 0 END,
                intent_uid_validity = CASE WHEN state = 5 OR intent_uid_next IS NOT NULL THEN CAST(@sentUnder AS bigint) END,
                intent_uid_next = CASE WHEN CAST(@sentUnder AS bigint) IS NOT NULL AND (state = 5 OR intent_uid_next IS NOT NULL) THEN 0 END
            WHERE folder_id = @folderId AND state <> 0
            """, transaction, cancellationToken, ("folderId", folderId), ("sentUnder", (long?)sentUnder)), cancellationToken);

    public Task RetireAsync(long folderId, bool uidsGivenAgain, CancellationToken cancellationToken) => WriteAsync(async (connection, transaction) =>
    {
        await connection.ExecuteAsync($"UPDATE message SET state = 7, reason = {FolderRow.ReasonOfRetired} WHERE folder_id = @folderId AND state IN (2, 5, 6)",
            transaction, cancellationToken, ("folderId", folderId)).ConfigureAwait(false);
        return await connection.ExecuteAsync(FolderRow.Retire, transaction, cancellationToken,
            ("folderId", folderId), ("uidsGivenAgain", uidsGivenAgain)).ConfigureAwait(false);
    }, cancellationToken);

    public Task ForgetAsync(long folderId, CancellationToken cancellationToken) => WriteAsync((connection, transaction) =>
        connection.ExecuteAsync("DELETE FROM folder WHERE id = @folderId AND mailbox_id = @_mailboxId", transaction, cancellationToken,
            ("folderId", folderId), ("_mailboxId", _mailboxId)), cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync().ConfigureAwait(false);
        await _renewing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        try
        {
            await using var connection = await _database.Source.OpenConnectionAsync().ConfigureAwait(false);
            await connection.ExecuteAsync("UPDATE mailbox SET lease_until = NULL WHERE id = @_mailboxId AND fence = @_fence",
                null, CancellationToken.None, ("_mailboxId", _mailboxId), ("_fence", _fence)).ConfigureAwait(false);
        }
        catch (NpgsqlException)
        {
            // The lease ends by itself.
        }
        _hold.Lose();
        _hold.Dispose();
        _end.Dispose();
    }

    internal Task<T> ReadAsync<T>(Func<NpgsqlConnection, Task<T>> read, CancellationToken cancellationToken) => PersistAsync(async () =>
    {
        await using var connection = await _database.Source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        return await read(connection).ConfigureAwait(false);
    }, cancellationToken);

    /// <summary>Each write is such that made twice it is as made once: a connection that was lost in a commit says nothing of its outcome.</summary>
    internal Task<T> WriteAsync<T>(Func<NpgsqlConnection, NpgsqlTransaction, Task<T>> write, CancellationToken cancellationToken) => PersistAsync(async () =>
    {
        await using var connection = await _database.Source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        // Under a lock on the row until the commit: whoever takes over waits for it, and nothing is written after that.
        if (await connection.ScalarAsync<int?>("SELECT 1 FROM mailbox WHERE id = @_mailboxId AND fence = @_fence FOR SHARE",
            transaction, cancellationToken, ("_mailboxId", _mailboxId), ("_fence", _fence)).ConfigureAwait(false) is null)
        {
            _hold.Lose();
            throw new HoldLostException("Another worker has taken this mailbox over.");
        }
        var result = await write(connection, transaction).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        return result;
    }, cancellationToken);

    /// <summary>A database that is started anew is waited for, as long as the mailbox is surely ours.</summary>
    private async Task<T> PersistAsync<T>(Func<Task<T>> call, CancellationToken cancellationToken)
    {
        for (var wait = s_pause; ; wait *= 2)
        {
            _hold.Ensure();
            try
            {
                return await call().ConfigureAwait(false);
            }
            catch (NpgsqlException exception) when (PostgresDatabase.MayPass(exception) && _hold.IsHeld && wait < _lease / 3)
            {
                await Task.Delay(wait, _time, cancellationToken).ConfigureAwait(false);
            }
            catch (NpgsqlException exception)
            {
                throw new CheckpointException(_database.Words(exception), exception);
            }
        }
    }

    private async Task RenewAsync()
    {
        using var timer = new PeriodicTimer(_lease / 3, _time);
        while (await timer.WaitForNextTickAsync(_end.Token).ConfigureAwait(false))
        {
            var mark = _hold.Mark();
            try
            {
                await using var connection = await _database.Source.OpenConnectionAsync(_end.Token).ConfigureAwait(false);
                var renewed = await connection.ExecuteAsync(
                    "UPDATE mailbox SET lease_until = clock_timestamp() + @_lease WHERE id = @_mailboxId AND fence = @_fence",
                    null, _end.Token, ("_lease", _lease), ("_mailboxId", _mailboxId), ("_fence", _fence)).ConfigureAwait(false);
                if (renewed > 0)
                    _hold.Renewed(mark);
                else
                    _hold.Lose();
            }
            catch (NpgsqlException)
            {
                // Tried again with the next tick, until too much time has passed.
            }
            if (!_hold.IsHeld)
            {
                _hold.Lose();
                return;
            }
        }
    }
}
