using Microsoft.Extensions.Logging.Abstractions;
using Migrator.App.Execution;
using Migrator.Core.Checkpoints;
using Migrator.Core.Failures;
using Migrator.Core.Mail;
using Migrator.Core.Migrations;
using Migrator.Core.Progress;
using Migrator.Core.Reports;
using Migrator.Mail.Imap;
using Migrator.Storage.Checkpoints.Postgres;
using Migrator.Storage.Postgres;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Npgsql;
using Xunit;

namespace Migrator.Tests.Storage;

/// <summary>What happens to a worker that loses its lease, and to a database that goes away.</summary>
public sealed class PostgresCheckpointStoreTests(PostgresFixture postgres, DovecotFixture servers)
{
    private static readonly MailboxPair s_pair = new("imap://ann@old.example:993", "imap://ann@new.example:993");
    private static readonly TimeSpan s_short = TimeSpan.FromSeconds(1);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_worker_that_lost_its_lease_can_write_nothing_more()
    {
        await using var database = await DatabaseAsync();
        var asleep = new StoppedClock();
        var first = await Store(database, s_short, asleep).OpenAsync(s_pair, Stop);
        var folder = await first.SaveFolderAsync(Folder(), Stop);
        await first.AddFoundAsync(folder.Id, [new MessageSummary(1, 100, FlagSet.None, DateTimeOffset.UnixEpoch)], 2, Stop);

        // Its clocks stand still: it does not renew, and believes that no time has passed.
        await using var second = await OpenWhenFreeAsync(Store(database, TimeSpan.FromMinutes(1), TimeProvider.System));
        Func<Task>[] writes =
        [
            () => first.SaveFolderAsync(Folder() with { NextUid = 99 }, Stop),
            () => first.AddFoundAsync(folder.Id, [], 99, Stop),
            () => first.MarkVanishedAsync(folder.Id, [1], Stop),
            () => first.ResetAsync(folder.Id, null, Stop),
            () => first.DeleteFolderAsync(folder.Id, Stop),
            () => first.Uids.AddAsync([new UidMapEntry("a", 1, DateTimeOffset.UnixEpoch)], Stop),
            () =>
                first.WriteAsync(
                    folder.Id,
                    [new MessageRecord(1, MessageState.Delivered, null, 1, FlagSet.None, DateTimeOffset.UnixEpoch)],
                    Stop
                ),
        ];
        foreach (var write in writes)
            await Assert.ThrowsAsync<LeaseLostException>(write);
        Assert.True(first.Lease.Lost.IsCancellationRequested);
        Assert.Throws<LeaseLostException>(first.Lease.ThrowIfLost);
        Assert.Equal([folder with { NextUid = 2 }], await second.FoldersAsync(Stop));
        Assert.Equal(MessageState.Found, Assert.Single(await second.ReadAsync(folder.Id, [MessageState.Found], 1, 9, Stop)).State);
        Assert.Empty(await second.Uids.ReadAsync(Stop));

        // And letting go of what is another's does not free it.
        await first.DisposeAsync();
        var busy = await Assert.ThrowsAsync<MailboxBusyException>(() =>
            Store(database, s_short, TimeProvider.System).OpenAsync(s_pair, Stop)
        );
        Assert.Contains("a test", busy.Message);
    }

    [Fact]
    public async Task A_lease_that_is_renewed_is_kept_and_one_that_is_let_go_is_free()
    {
        await using var database = await DatabaseAsync();
        var checkpoint = await Store(database, s_short, TimeProvider.System).OpenAsync(s_pair, Stop);
        var renewed = await UntilAsync(database, "SELECT lease_until FROM migrator.mailbox", before => before);
        await UntilAsync(database, "SELECT lease_until FROM migrator.mailbox", now => now > renewed.AddSeconds(2) ? now : null);
        await Assert.ThrowsAsync<MailboxBusyException>(() => Store(database, s_short, TimeProvider.System).OpenAsync(s_pair, Stop));
        checkpoint.Lease.ThrowIfLost();
        await checkpoint.DisposeAsync();
        await (await Store(database, s_short, TimeProvider.System).OpenAsync(s_pair, Stop)).DisposeAsync();
    }

    [Fact]
    public async Task A_worker_that_was_stopped_knows_it_before_the_database_says_so()
    {
        await using var database = await DatabaseAsync();
        var clock = new StoppedClock();
        await using var checkpoint = await Store(database, TimeSpan.FromSeconds(30), clock).OpenAsync(s_pair, Stop);
        checkpoint.Lease.ThrowIfLost();
        clock.Wall += TimeSpan.FromSeconds(24);
        checkpoint.Lease.ThrowIfLost();
        clock.Wall += TimeSpan.FromSeconds(2);
        Assert.Throws<LeaseLostException>(checkpoint.Lease.ThrowIfLost);
    }

    [Theory]
    [InlineData("SELECT 1 FROM mailbox FOR UPDATE")]
    // It stops in the middle of an answer that is larger than all buffers on the way: the server waits for it to read on.
    [InlineData("SELECT repeat('x', 1000) FROM mailbox, generate_series(1, 100000) FOR UPDATE OF mailbox")]
    public async Task Anyone_who_is_stopped_in_a_transaction_holds_up_nobody_for_long(string locks)
    {
        await using var database = await DatabaseAsync();
        await (await Store(database, s_short, TimeProvider.System).OpenAsync(s_pair, Stop)).DisposeAsync();
        await using var stuck = await database.Source.OpenConnectionAsync(Stop);
        await using var transaction = await stuck.BeginTransactionAsync(Stop);
        await using var command = new NpgsqlCommand(locks, stuck, transaction);
        var answer = await command.ExecuteReaderAsync(Stop);
        await (await Store(database, s_short, TimeProvider.System).OpenAsync(s_pair, Stop)).DisposeAsync();
        await Record.ExceptionAsync(() => answer.DisposeAsync().AsTask());
    }

    [Fact]
    public async Task Workers_that_start_at_once_make_the_schema_once()
    {
        var connection = await (await postgres.StartedAsync()).CreateDatabaseAsync();
        await Task.WhenAll(
            Enumerable
                .Range(0, 6)
                .Select(async number =>
                {
                    await using var database = new PostgresDatabase(connection);
                    await (
                        await Store(database, s_short, TimeProvider.System)
                            .OpenAsync(s_pair with { Source = $"imap://p{number}@old.example:993" }, Stop)
                    ).DisposeAsync();
                })
        );
    }

    [Fact]
    public async Task A_database_that_is_restarted_is_waited_for()
    {
        await using var server = await PostgresServer.StartAsync();
        await using var database = new PostgresDatabase(await server.CreateDatabaseAsync());
        await using var checkpoint = await Store(database, TimeSpan.FromSeconds(30), TimeProvider.System).OpenAsync(s_pair, Stop);
        await checkpoint.SaveFolderAsync(Folder(), Stop);
        await server.StopAsync();
        var saving = checkpoint.SaveFolderAsync(Folder() with { NextUid = 7 }, Stop);
        await server.StartAgainAsync();
        await saving;
        Assert.Equal(7u, Assert.Single(await checkpoint.FoldersAsync(Stop)).NextUid);
    }

    [Fact]
    public async Task What_is_wrong_is_said_in_words_and_without_the_password()
    {
        var server = await postgres.StartedAsync();
        var right = new NpgsqlConnectionStringBuilder(server.ConnectionString("postgres"));
        (string Connection, string Words)[] wrong =
        [
            (
                new NpgsqlConnectionStringBuilder(right.ConnectionString) { Password = "hunter2hunter2" }.ConnectionString,
                "refuses the login"
            ),
            (new NpgsqlConnectionStringBuilder(right.ConnectionString) { Database = "nowhere" }.ConnectionString, "does not exist"),
            (
                new NpgsqlConnectionStringBuilder(right.ConnectionString) { Port = DovecotServer.FreePorts(1)[0] }.ConnectionString,
                "cannot be reached"
            ),
        ];
        foreach (var (connection, words) in wrong)
        {
            await using var database = new PostgresDatabase(connection);
            var said = await Assert.ThrowsAsync<CheckpointException>(() =>
                Store(database, s_short, TimeProvider.System).OpenAsync(s_pair, Stop)
            );
            Assert.Contains(words, said.Message);
            Assert.DoesNotContain("hunter2", said.ToString());
            Assert.DoesNotContain(PostgresServer.Password, said.ToString());
        }
        Assert.DoesNotContain(
            "hunter2",
            Assert.Throws<ArgumentException>(() => new PostgresDatabase("Hots=a;Password=hunter2hunter2")).ToString()
        );
    }

    [Fact]
    public async Task An_append_that_is_in_progress_when_the_lease_is_lost_is_never_completed()
    {
        await using var harness = new Harness(servers.Old, servers.New);
        await using (var source = await harness.SourceAsync())
            await Letters.FillAsync(source, "INBOX", 0, 2, 20_000_000);
        await using var database = await DatabaseAsync();
        var (lease, sent) = (new ManualLease(), 0);
        await using var proxy = new LoopbackProxy(servers.New.ImapPort)
        {
            // In the middle of a message that is larger than all buffers on the way: its end is still to be sent.
            Sees = (fromServer, text) =>
            {
                if (!fromServer && Interlocked.Add(ref sent, text.Length) > 700_000)
                    lease.Lose();
            },
        };
        var target = harness.Job.Target with { Port = proxy.Port, Tls = Core.Jobs.TlsMode.None, Trust = Core.Jobs.CertificateTrust.System };
        var ends = harness.Ends with
        {
            OpenTarget = (_, stop) => new ImapConnector(target, DovecotServer.Password).OpenTargetAsync(lease, stop),
        };
        var store = Store(database, TimeSpan.FromMinutes(1), TimeProvider.System);

        var first = await new Migration(
            harness.Job.Transfer,
            ends,
            store,
            harness.SpoolPath,
            TimeProvider.System,
            NullLogger.Instance
        ).RunAsync(new RunProgress(), Stop);
        Assert.Equal((RunOutcome.Aborted, Reason.LeaseLost.Code), (first.Outcome, first.Stopped!.Code));
        var there = (await harness.TargetContentAsync()).Count;
        Assert.Equal(0, there);

        var second = await new Migration(
            harness.Job.Transfer,
            harness.Ends,
            store,
            harness.SpoolPath,
            TimeProvider.System,
            NullLogger.Instance
        ).RunAsync(new RunProgress(), Stop);
        Assert.Equal(RunOutcome.Complete, second.Outcome);
        (await harness.SourceContentAsync()).ShouldEqual(await harness.TargetContentAsync());
    }

    private static FolderCheckpoint Folder() => new(0, FolderPath.Inbox, 1, 1, FolderPath.Inbox, 1, null, null, 0);

    private static PostgresCheckpointStore Store(PostgresDatabase database, TimeSpan lease, TimeProvider time) =>
        new(database, lease, "a test", time);

    private static async Task<IMailboxCheckpoint> OpenWhenFreeAsync(PostgresCheckpointStore store)
    {
        while (true)
        {
            try
            {
                return await store.OpenAsync(s_pair, Stop);
            }
            catch (MailboxBusyException)
            {
                await Task.Delay(50, Stop);
            }
        }
    }

    private static async Task<DateTime> UntilAsync(PostgresDatabase database, string sql, Func<DateTime, DateTime?> holds)
    {
        while (true)
        {
            await using var connection = await database.Source.OpenConnectionAsync(Stop);
            await using var command = new NpgsqlCommand(sql, connection);
            if (await command.ExecuteScalarAsync(Stop) is DateTime value && holds(value) is { } found)
                return found;
            await Task.Delay(50, Stop);
        }
    }

    private async Task<PostgresDatabase> DatabaseAsync() => new(await (await postgres.StartedAsync()).CreateDatabaseAsync());

    /// <summary>A process that is stopped: no timer fires, no time passes, until somebody says so.</summary>
    private sealed class StoppedClock : TimeProvider
    {
        private readonly DateTimeOffset _start = System.GetUtcNow();

        public TimeSpan Wall { get; set; }

        public override DateTimeOffset GetUtcNow() => _start + Wall;

        public override long GetTimestamp() => 0;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            System.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    private sealed class ManualLease : IMailboxLease
    {
        private volatile bool _lost;

        public CancellationToken Lost => CancellationToken.None;

        public void Lose() => _lost = true;

        public void ThrowIfLost()
        {
            if (_lost)
                throw new LeaseLostException("Lost, for the test.");
        }
    }
}
