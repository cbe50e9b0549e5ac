using Microsoft.Extensions.Logging.Abstractions;
using Migrator.Core.Checkpoints;
using Migrator.Core.Folders;
using Migrator.Core.Jobs;
using Migrator.Core.Mail;
using Migrator.Core.Migrations;
using Migrator.Core.Progress;
using Migrator.Core.Reports;
using Migrator.Mail.Imap;
using Migrator.Storage.Checkpoints.Postgres;
using Migrator.Storage.Checkpoints.Sqlite;
using Migrator.Storage.Postgres;
using Migrator.Tests.Archives;
using Migrator.Tests.Memory;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Conformance.UidMaps;

public sealed class MemoryUidMapTests : UidMapConformance
{
    private readonly MemoryUidMap _book = new();

    protected override Task UseAsync(Func<IUidMap, Task> use) => use(_book);
}

public sealed class NoUidMapTests : UidMapConformance
{
    protected override bool Keeps => false;

    protected override Task UseAsync(Func<IUidMap, Task> use) => use(NullUidMap.Instance);
}

/// <summary>The UID map that a checkpoint store keeps of each mailbox.</summary>
public abstract class StoredUidMapTests : UidMapConformance
{
    private static readonly MailboxPair s_pair = new("pop3://ann@old.example:995", "imap://ann@new.example:993");

    protected abstract Task<ICheckpointStore> OpenStoreAsync();

    [Fact]
    public async Task Mailboxes_do_not_share_their_books()
    {
        await UseAsync(uidMap => uidMap.AddAsync([new UidMapEntry("uidl:a", 1, DateTimeOffset.UnixEpoch)], Stop));

        var store = await OpenStoreAsync();
        await using var other = await store.OpenAsync(s_pair with { Source = "pop3://bob@old.example:995" }, Stop);
        Assert.Empty(await other.Uids.ReadAsync(Stop));
        await other.Uids.AddAsync([new UidMapEntry("uidl:a", 1, DateTimeOffset.UnixEpoch)], Stop);
    }

    protected override async Task UseAsync(Func<IUidMap, Task> use)
    {
        var store = await OpenStoreAsync();
        await using var mailbox = await store.OpenAsync(s_pair, Stop);
        await use(mailbox.Uids);
    }
}

public sealed class SqliteUidMapTests : StoredUidMapTests
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("state");

    protected override Task<ICheckpointStore> OpenStoreAsync() =>
        Task.FromResult<ICheckpointStore>(new SqliteCheckpointStore(Path.Combine(_directory.FullName, "checkpoints.db")));

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _directory.Delete(recursive: true);
    }
}

public sealed class PostgresUidMapTests(PostgresFixture postgres) : StoredUidMapTests
{
    private PostgresDatabase? _database;

    protected override async Task<ICheckpointStore> OpenStoreAsync() =>
        new PostgresCheckpointStore(
            _database ??= new PostgresDatabase(await (await postgres.StartedAsync()).CreateDatabaseAsync()),
            PostgresCheckpointStore.DefaultLease,
            "a test",
            TimeProvider.System
        );

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (_database is not null)
            await _database.DisposeAsync();
    }
}

public sealed class MemoryStoreUidMapTests : StoredUidMapTests
{
    private readonly MemoryCheckpointStore _store = new();

    protected override Task<ICheckpointStore> OpenStoreAsync() => Task.FromResult<ICheckpointStore>(_store);
}

/// <summary>The UID map that snapshots carry from one to the next: lent to the source of a backup, which writes it down.</summary>
public sealed class SnapshotUidMapTests : UidMapConformance
{
    private readonly MemoryMailSource _mailbox = new();
    private readonly ArchiveHarness _archives = new(new MemoryBlobStore(), new MemoryBlobStore());

    public SnapshotUidMapTests() => _mailbox.Add(FolderPath.Inbox, SpecialUse.Inbox);

    public override async ValueTask InitializeAsync() => await _archives.CreateAsync(Stop);

    public override ValueTask DisposeAsync() => _archives.DisposeAsync();

    [Fact]
    public async Task What_was_read_is_known_by_its_content()
    {
        var uid = _mailbox.Folders[0].Add("Subject: x\r\n\r\n"u8.ToArray());
        await UseAsync(uidMap =>
            uidMap.AddAsync(
                [new UidMapEntry("uidl:a", uid, DateTimeOffset.UnixEpoch), new UidMapEntry("uidl:b", uid.Next, DateTimeOffset.UnixEpoch)],
                Stop
            )
        );

        await UseAsync(async uidMap =>
            Assert.Equal([new(uid, new KnownContent(ContentId.Of("Subject: x\r\n\r\n"u8), 14))], await uidMap.ContentsAsync(Stop))
        );
    }

    protected override async Task UseAsync(Func<IUidMap, Task> use)
    {
        var used = false;
        var report = await _archives.BackUpAsync(
            "ann",
            async (uidMap, _) =>
            {
                // A run may open several sessions; the UID map is the same.
                if (!used)
                    await use(uidMap);
                used = true;
                return _mailbox.Session();
            },
            Stop
        );
        Assert.True(used && report.Outcome == RunOutcome.Complete, $"{report.Outcome}: {report.Stopped?.Detail}");
    }
}

/// <summary>The UID map that the source of a migration is lent: entries and what was read are in the checkpoint.</summary>
public sealed class CheckpointUidMapTests(DovecotFixture servers) : UidMapConformance
{
    private readonly MemoryMailSource _mailbox = new();
    private readonly MemoryCheckpointStore _store = new();
    private readonly DirectoryInfo _state = Directory.CreateTempSubdirectory("state");
    private readonly string _user = DovecotServer.NewUser("book");

    [Fact]
    public async Task What_was_read_is_known_by_its_content()
    {
        _mailbox.Add(FolderPath.Inbox, SpecialUse.Inbox);
        var uid = _mailbox.Folders[0].Add("Subject: x\r\n\r\n"u8.ToArray());
        await UseAsync(uidMap =>
            uidMap.AddAsync(
                [new UidMapEntry("uidl:a", uid, DateTimeOffset.UnixEpoch), new UidMapEntry("uidl:b", uid.Next, DateTimeOffset.UnixEpoch)],
                Stop
            )
        );

        await UseAsync(async uidMap =>
            Assert.Equal([new(uid, new KnownContent(ContentId.Of("Subject: x\r\n\r\n"u8), 14))], await uidMap.ContentsAsync(Stop))
        );
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _state.Delete(recursive: true);
    }

    protected override async Task UseAsync(Func<IUidMap, Task> use)
    {
        var used = false;
        var target = new ImapConnector(Harness.Server(servers.New.ImapPort, _user, null), DovecotServer.Password);
        var ends = new MailboxEndpoints(
            async (uidMap, _) =>
            {
                // A run may open several sessions; the UID map is the same.
                if (!used)
                    await use(uidMap);
                used = true;
                return _mailbox.Session();
            },
            target.OpenTargetAsync
        );
        var report = await new Migration(
            new Transfer("copy", "pop3://ann@old.example", "imap://ann@new.example", FolderRules.All, RunOptions.Default),
            ends,
            _store,
            Path.Combine(_state.FullName, "spool"),
            TimeProvider.System,
            NullLogger.Instance
        ).RunAsync(new RunProgress(), Stop);
        Assert.True(used && report.Outcome == RunOutcome.Complete, $"{report.Outcome}: {report.Stopped?.Detail}");
    }
}
