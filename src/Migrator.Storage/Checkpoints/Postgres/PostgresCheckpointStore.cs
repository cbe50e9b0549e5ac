using Migrator.Core.Checkpoints;
using Migrator.Storage.Postgres;
using Migrator.Storage.Sql;
using Npgsql;

namespace Migrator.Storage.Checkpoints.Postgres;

/// <summary>Checkpoints in a database that several workers share. A mailbox is held by a lease with a fence, not by a lock of the session:
/// a process that was stopped keeps its sessions, and its locks, for as long as it likes.</summary>
/// <param name="leaseDuration">For how long a holder is given a mailbox without a heartbeat; renewed at a third of it. By the database's
/// clock, so that those of the workers need not agree.</param>
/// <param name="holder">Who this is, for people.</param>
public sealed class PostgresCheckpointStore(PostgresDatabase database, TimeSpan leaseDuration, string holder, TimeProvider time)
    : ICheckpointStore
{
    public static readonly TimeSpan DefaultLease = TimeSpan.FromSeconds(30);

    private readonly SemaphoreSlim _upgrading = new(1);
    private bool _upgraded;

    public async Task<IMailboxCheckpoint> OpenAsync(MailboxPair pair, CancellationToken cancellationToken)
    {
        // A sixth is kept back: a holder believes that it has lost the mailbox a little before the database gives it to another.
        var lease = new TimedLease(pair.ToString(), leaseDuration * 5 / 6, time);
        var mark = lease.Mark();
        try
        {
            await UpgradeAsync(cancellationToken);
            await using var connection = await database.Source.OpenConnectionAsync(cancellationToken);
            await connection.ExecuteAsync(
                "INSERT INTO mailbox (source, target) VALUES (@Source, @Target) ON CONFLICT DO NOTHING",
                null,
                cancellationToken,
                ("Source", pair.Source),
                ("Target", pair.Target)
            );
            var taken = await connection.QueryAsync(
                """
                UPDATE mailbox SET fence = fence + 1, holder = @holder, lease_until = clock_timestamp() + @lease
                WHERE source = @Source AND target = @Target AND (lease_until IS NULL OR lease_until < clock_timestamp())
                RETURNING id, fence
                """,
                row => (Id: row.GetInt64(0), FencingToken: row.GetInt64(1)),
                null,
                cancellationToken,
                ("Source", pair.Source),
                ("Target", pair.Target),
                ("holder", holder),
                ("lease", leaseDuration)
            );
            if (taken is not [var mailbox])
            {
                var who = await connection.ScalarAsync<string>(
                    "SELECT holder FROM mailbox WHERE source = @Source AND target = @Target",
                    null,
                    cancellationToken,
                    ("Source", pair.Source),
                    ("Target", pair.Target)
                );
                throw new MailboxBusyException(pair, who);
            }
            lease.Renewed(mark);
            return new PostgresMailboxCheckpoint(database, mailbox.Id, mailbox.FencingToken, lease, leaseDuration, time);
        }
        catch (NpgsqlException exception)
        {
            lease.Dispose();
            throw new CheckpointException(database.Words(exception), exception);
        }
        catch
        {
            lease.Dispose();
            throw;
        }
    }

    public async Task<IMailboxRecords?> OpenRecordsAsync(MailboxPair pair, CancellationToken cancellationToken)
    {
        try
        {
            await UpgradeAsync(cancellationToken);
            await using var connection = await database.Source.OpenConnectionAsync(cancellationToken);
            var mailbox = await connection.ScalarAsync<long?>(
                "SELECT id FROM mailbox WHERE source = @Source AND target = @Target",
                null,
                cancellationToken,
                ("Source", pair.Source),
                ("Target", pair.Target)
            );
            return mailbox is { } known ? new PostgresMailboxRecords(database, known) : null;
        }
        catch (NpgsqlException exception)
        {
            throw new CheckpointException(database.Words(exception), exception);
        }
    }

    /// <summary>The database belongs to the caller that made it.</summary>
    public ValueTask DisposeAsync() => default;

    private async Task UpgradeAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _upgraded))
            return;
        await _upgrading.WaitAsync(cancellationToken);
        try
        {
            if (
                !_upgraded
                && await database.UpgradeAsync("Checkpoints.Postgres.Migrations", "migrator.checkpoints_schema", cancellationToken)
                    is { } later
            )
                throw new CheckpointException(
                    $"The database {database.Name} was written by a later version of Migrator (schema {later}). Use that "
                        + "version, or another database."
                );
            Volatile.Write(ref _upgraded, true);
        }
        finally
        {
            _upgrading.Release();
        }
    }
}
