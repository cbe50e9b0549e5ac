using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Migrator.Core.Archives;
using Migrator.Core.Backups;
using Migrator.Core.Blobs;
using Migrator.Core.Failures;
using Migrator.Core.Folders;
using Migrator.Core.Jobs;
using Migrator.Core.Mail;
using Migrator.Core.Progress;
using Migrator.Core.Reports;
using Migrator.Tests.Memory;
using Xunit;

namespace Migrator.Tests.Archives;

/// <summary>An archive in memory, with a clock that stands still: for tests that run it a thousand times.</summary>
internal sealed class MemoryArchive
{
    public const string Account = "ann@old.example";

    public static readonly DateTimeOffset Epoch = new(2026, 1, 1, 3, 0, 0, TimeSpan.Zero);

    private readonly bool _encrypted;

    private MemoryArchive(MemoryBlobStore store, MemoryBlobStore controlStore, FakeTimeProvider time, bool encrypted) =>
        (Store, ControlStore, Time, _encrypted) = (store, controlStore, time, encrypted);

    public MemoryBlobStore Store { get; }

    public MemoryBlobStore ControlStore { get; }

    public FakeTimeProvider Time { get; }

    /// <summary>Where somebody has to wait for somebody else; <see cref="Time"/> where null.</summary>
    public TimeProvider? Clock { get; set; }

    /// <summary>Makes something that may fail of each of the two stores.</summary>
    public Func<IBlobStore, IBlobStore> Through { get; set; } = store => store;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    // Any bytes; a passphrase would take its time each time.
    private SecretKeyWrapper? Key =>
        _encrypted ? SecretKeyWrapper.OfKeyFile([.. Enumerable.Range(0, 32).Select(value => (byte)value)]) : null;

    /// <param name="storesClock">By which the store says when a blob was written; <see cref="Time"/> where null.</param>
    public static async Task<MemoryArchive> CreateAsync(bool encrypted, TimeProvider? storesClock = null)
    {
        var time = new FakeTimeProvider(Epoch);
        var archive = new MemoryArchive(
            new MemoryBlobStore(storesClock ?? time),
            new MemoryBlobStore(storesClock ?? time),
            time,
            encrypted
        );
        await Archive.CreateAsync(archive.Store, archive.ControlStore, archive.Key, 0, time, Stop);
        return archive;
    }

    /// <summary>What would be there if everybody who is at it died now. Leases of the dead have run out.</summary>
    public MemoryArchive Clone()
    {
        var time = new FakeTimeProvider(Time.GetUtcNow() + ArchiveLease.Validity);
        return new MemoryArchive(Store.Clone(time), ControlStore.Clone(time), time, _encrypted);
    }

    public Task<Archive> OpenAsync() => Archive.OpenAsync(Through(Store), Through(ControlStore), Key, Clock ?? Time, Stop);

    /// <param name="clock">For milestones; this archive's where null.</param>
    /// <param name="opened">Used by several backups; a new one where null.</param>
    public Task<RunReport> BackUpAsync(
        Func<IMailSource> source,
        string account = Account,
        TimeProvider? clock = null,
        int? connections = 1,
        RunProgress? progress = null,
        CancellationToken? stop = null,
        Archive? opened = null
    ) => BackUpAsync(_ => source(), account, SourceDeletionPolicy.Never, clock, connections, progress, stop, opened);

    public Task<RunReport> BackUpPop3Async(MemoryPop3 box, SourceDeletionPolicy? removal = null) =>
        BackUpAsync(box.Session, Account, removal ?? SourceDeletionPolicy.Never, null, 1, null, null);

    /// <param name="opened">Used by several backups; a new one where null.</param>
    public async Task<RunReport> BackUpAsync(
        Func<IUidMap, IMailSource> source,
        string account,
        SourceDeletionPolicy removal,
        TimeProvider? clock,
        int? connections,
        RunProgress? progress,
        CancellationToken? stop,
        Archive? opened = null
    )
    {
        var archive = opened ?? await OpenAsync();
        var state = Directory.CreateTempSubdirectory("state");
        try
        {
            var transfer = new Transfer("backup", account, archive.Location, FolderRules.All, new RunOptions(connections, 64 << 20));
            return await new Backup(
                transfer,
                (uidMap, _) => Task.FromResult(source(uidMap)),
                archive,
                removal,
                Path.Combine(state.FullName, "spool"),
                clock ?? Clock ?? Time,
                NullLogger.Instance
            ).RunAsync(progress ?? new RunProgress(), stop ?? Stop);
        }
        finally
        {
            state.Delete(recursive: true);
        }
    }

    /// <summary>Backs up a mailbox that gives everything that it has, though that may be far less than before.</summary>
    public async Task BackUpAllAsync(MemoryMailSource mailbox, TimeProvider? clock = null)
    {
        var report = await BackUpAsync(mailbox.Session, clock: clock);
        Assert.True(
            report.Outcome == RunOutcome.Complete
                || report is { Outcome: RunOutcome.Partial, Total.Failed: 0, Problems: [{ Code: "mailbox-shrunk" }] },
            $"{report.Outcome}: {report.Stopped?.Detail} {string.Join(' ', report.Folders.Select(folder => folder.Failure?.Detail))}"
        );
    }

    public async Task<IReadOnlyList<SnapshotName>> SnapshotsAsync(string account = Account) =>
        await (await OpenAsync()).SnapshotsAsync(account, Stop);

    /// <summary>A snapshot, by its name, restored.</summary>
    public async Task<IReadOnlyList<string>> RestoreAsync(SnapshotName name, Archive? opened = null)
    {
        var archive = opened ?? await OpenAsync();
        var sessions = await ArchiveSource.SessionsAsync(archive, await archive.ReadAsync(name, Stop), Stop);
        await using var session = await sessions(Stop);
        return await MailboxImage.TakeAsync(session, Stop);
    }

    /// <summary>The newest snapshot holds exactly what the mailbox does.</summary>
    public async Task NewestShouldEqualAsync(MemoryMailSource mailbox, string account = Account) =>
        MailboxImage.ShouldEqual(await MailboxImage.TakeAsync(mailbox, Stop), await RestoreAsync((await SnapshotsAsync(account))[^1]));

    public async Task<CheckReport> CheckAsync() => await new ArchiveCheck(await OpenAsync(), 1).RunAsync(_ => { }, Stop);

    public async Task ShouldBeSoundAsync() =>
        Assert.Equal([], (await CheckAsync()).Problems.Select(problem => $"{problem.Blob}: {problem.What} ({problem.TouchedCount})"));
}
