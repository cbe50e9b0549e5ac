using Migrator.Core.Archives;
using Migrator.Core.Failures;
using Migrator.Core.Mail;
using Migrator.Core.Progress;
using Migrator.Tests.Memory;
using Xunit;

namespace Migrator.Tests.Archives;

/// <summary>As long as the mailbox is still there, an archive is made whole again.</summary>
public sealed class RepairTests
{
    private static readonly string[] s_damages =
    [
        "missing packs/",
        "missing pages/",
        "missing index/",
        "missing snapshots/",
        "cut packs/",
        "cut pages/",
        "cut index/",
        "cut snapshots/",
        "begin packs/",
        "begin pages/",
        "begin index/",
        "begin snapshots/",
        "middle packs/",
        "middle pages/",
        "middle index/",
        "end packs/",
        "end pages/",
        "end index/",
        "missing headers/",
        "cut headers/",
        "begin headers/",
        "middle headers/",
        "end headers/",
    ];

    public static TheoryData<string, bool, bool> Cases => new MatrixTheoryData<string, bool, bool>(s_damages, [false, true], [false, true]);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Damage_is_named_and_repaired(string damage, bool encrypted, bool modSeq)
    {
        var damaged = await Damaged.MakeAsync(encrypted, modSeq);
        var archive = damaged.Archive;
        var (how, kind) = (damage.Split(' ')[0], damage.Split(' ')[1]);
        var blob = await Damaged.NewestAsync(archive, kind);
        await DamageAsync(archive, blob, how);
        // In the same month as the damage, lest the name alone makes a difference.
        Assert.Equal(1, archive.Time.GetUtcNow().Month);

        // A snapshot that is gone is not missed: nothing names it.
        var problems = (await archive.CheckAsync()).Problems;
        if (damage == "missing snapshots/")
            Assert.Empty(problems);
        else
            Assert.Contains(problems, problem => problem.Blob == (damage == "missing index/" ? "index/" : blob));

        var report = await RepairAsync(archive, damaged.Mailbox);
        // As after a holiday: who repairs twice does no harm.
        Assert.Equal(report.Lost.Count, (await RepairAsync(archive, damaged.Mailbox)).Lost.Count);
        archive.Time.Advance(TimeSpan.FromDays(1));
        await archive.BackUpAllAsync(damaged.Mailbox);

        await archive.ShouldBeSoundAsync();
        await archive.NewestShouldEqualAsync(damaged.Mailbox);
        var left = await archive.SnapshotsAsync();
        Assert.Equal(kind == "snapshots/" ? 1 : 0, damaged.Snapshots.Keys.Except(left).Count());
        foreach (var (name, picture) in damaged.Snapshots.Where(snapshot => left.Contains(snapshot.Key)))
            MailboxImage.ShouldEqual(picture, await archive.RestoreAsync(name));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_run_that_is_cut_short_while_it_repairs_does_not_bring_damage_back(bool encrypted)
    {
        for (var number = 1; ; number++)
        {
            var damaged = await Damaged.MakeAsync(encrypted);
            await DamageAsync(damaged.Archive, await Damaged.NewestAsync(damaged.Archive, "packs/"), "middle");
            var faults = new Faults(number);
            damaged.Archive.Through = store => new FaultyBlobStore(store, faults);
            try
            {
                await RepairAsync(damaged.Archive, damaged.Mailbox);
            }
            catch (StorageException exception) when (exception.Reason == Reason.StoreUnreachable)
            {
                // As it should be.
            }
            var archive = damaged.Archive.Clone();
            if (faults.Hit is null || faults.Hit.StartsWith("delete packs/", StringComparison.Ordinal))
            {
                // The index says where everything is: what the backup finds lying about must not be preferred to it.
                await archive.BackUpAllAsync(damaged.Mailbox);
                await archive.NewestShouldEqualAsync(damaged.Mailbox);
            }
            await RepairAsync(archive, damaged.Mailbox);
            await archive.BackUpAllAsync(damaged.Mailbox);
            await archive.ShouldBeSoundAsync();
            foreach (var (name, picture) in damaged.Snapshots)
                MailboxImage.ShouldEqual(picture, await archive.RestoreAsync(name));
            if (faults.Hit is null)
                return;
        }
    }

    [Fact]
    public async Task A_pack_that_is_cut_short_survives_pruning()
    {
        var damaged = await Damaged.MakeAsync(encrypted: false);
        var pack = (await damaged.BlobsAsync(BlobKind.Pack.Prefix))[0];
        await damaged.Archive.Store.ReplaceAsync(pack, damaged.Archive.Store.Blobs[pack].AsMemory()[..^20], Stop);
        damaged.Archive.Time.Advance(TimeSpan.FromDays(30));

        await new ArchivePrune(await damaged.Archive.OpenAsync(), new RetentionPolicy(1, 0, 0, 0, 0), TimeSpan.Zero).RunAsync(
            dryRun: false,
            _ => { },
            Stop
        );
        Assert.Contains(pack, damaged.Archive.Store.Blobs.Keys);
        await new ArchiveRepair(await damaged.Archive.OpenAsync()).RunAsync([], _ => { }, Stop);

        // Its messages were whole: only what comes after them was cut off.
        await damaged.Archive.NewestShouldEqualAsync(damaged.Mailbox);
        await damaged.Archive.ShouldBeSoundAsync();
    }

    [Fact]
    public async Task A_pack_whose_index_is_missing_survives_pruning()
    {
        var damaged = await Damaged.MakeAsync(encrypted: false);
        var archive = damaged.Archive;
        // Everything that the newest snapshot names is in its own pages, so that these can be read without the older index.
        await archive.Store.DeleteAsync(await OldestIndexAsync(archive), Stop);
        archive.Time.Advance(TimeSpan.FromDays(40));

        try
        {
            await new ArchivePrune(await archive.OpenAsync(), new RetentionPolicy(1, 0, 0, 0, 0), TimeSpan.Zero).RunAsync(
                dryRun: false,
                _ => { },
                Stop
            );
        }
        catch (StorageException exception) when (exception.Reason == Reason.ArchiveDamaged)
        {
            // To remove nothing is as good.
        }
        await new ArchiveRepair(await archive.OpenAsync()).RunAsync([], _ => { }, Stop);

        await archive.NewestShouldEqualAsync(damaged.Mailbox);
    }

    /// <param name="isOpen">By a worker that has the archive open and has found everything in it before.</param>
    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task What_repair_could_not_save_is_fetched_by_the_next_backup(bool encrypted, bool isOpen)
    {
        var archive = await MemoryArchive.CreateAsync(encrypted);
        var mailbox = new MemoryMailSource();
        var inbox = mailbox.Add("INBOX");
        inbox.Add("Subject: one\r\n\r\nOne.\r\n"u8.ToArray(), "\\Seen");
        inbox.Add("Subject: two\r\n\r\nTwo.\r\n"u8.ToArray());
        var opened = isOpen ? await archive.OpenAsync() : null;
        await archive.BackUpAsync(mailbox.Session, opened: opened);
        await archive.Store.DeleteAsync(archive.Store.Blobs.Keys.Single(blob => blob.StartsWith("packs/", StringComparison.Ordinal)), Stop);
        Assert.Equal(2, (await new ArchiveRepair(await archive.OpenAsync()).RunAsync([], _ => { }, Stop)).Lost.Count);
        archive.Time.Advance(TimeSpan.FromDays(1));

        inbox.Add("Subject: three\r\n\r\nThree.\r\n"u8.ToArray());
        var progress = new RunProgress();
        await archive.BackUpAsync(mailbox.Session, progress: progress, opened: opened);

        Assert.Contains(progress.Notices, notice => notice.Contains("INBOX: 2 messages that the archive had lost"));
        await archive.NewestShouldEqualAsync(mailbox);
        await archive.ShouldBeSoundAsync();
    }

    private static async Task<RepairReport> RepairAsync(MemoryArchive archive, MemoryMailSource mailbox) =>
        await new ArchiveRepair(await archive.OpenAsync()).RunAsync(
            [new RepairSource(MemoryArchive.Account, _ => Task.FromResult<IMailSource>(mailbox.Session()))],
            _ => { },
            Stop
        );

    private static async Task<string> OldestIndexAsync(MemoryArchive archive)
    {
        var blobs = new List<Core.Blobs.BlobInfo>();
        await foreach (var blob in archive.Store.ListAsync("index/", Stop))
            blobs.Add(blob);
        return blobs.MinBy(blob => blob.Modified)!.Name;
    }

    private static async Task DamageAsync(MemoryArchive archive, string blob, string how)
    {
        var bytes = archive.Store.Blobs[blob];
        switch (how)
        {
            case "missing":
                await archive.Store.DeleteAsync(blob, Stop);
                break;
            case "cut":
                await archive.Store.ReplaceAsync(blob, bytes.AsMemory(0, bytes.Length - 100), Stop);
                break;
            default:
                bytes[
                    how switch
                    {
                        "begin" => 3,
                        "middle" => bytes.Length / 3,
                        _ => bytes.Length - 3,
                    }
                ] ^= 4;
                break;
        }
    }
}
