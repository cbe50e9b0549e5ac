using Migrator.Core.Archives;
using Migrator.Core.Blobs;
using Migrator.Core.Failures;
using Migrator.Core.Fetching;
using Migrator.Core.Mail;
using Migrator.Core.Progress;
using Migrator.Core.Reports;
using Migrator.Tests.Memory;
using Migrator.Tests.Migrations;
using Xunit;

namespace Migrator.Tests.Archives;

/// <summary>Packs that the store has taken offline, as a lifecycle rule at Azure does: neither damaged nor lost, and never asked for again
/// and again.</summary>
public sealed class OfflineTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_offline_fails_by_its_own_name_and_the_rest_is_read()
    {
        var (archive, mailbox) = await TwoNightsAsync();
        var packs = await PacksAsync(archive);
        archive.Store.Move(packs[0], BlobAccess.Offline);
        var fetched = new List<Uid>();

        var (gone, unreadable) = await FetchAsync(archive, fetched);

        Assert.Empty(gone);
        Assert.Equal([1u, 2u, 3u], unreadable.Select(message => message.Uid));
        Assert.All(unreadable, message => Assert.Equal((Reason.BlobOffline, true), (message.Reason, message.Why.Contains(packs[0]))));
        Assert.Equal([4u, 5u], fetched.Order());
        // The store was asked once, not once for each message and try.
        Assert.Equal(1, archive.Store.OfflineReads);

        archive.Store.Move(packs[0], BlobAccess.Online);
        await archive.NewestShouldEqualAsync(mailbox);
    }

    [Fact]
    public async Task A_message_in_two_packs_is_read_where_it_can_be()
    {
        var (archive, mailbox) = await TwoNightsAsync();
        var before = await PacksAsync(archive);
        // The same mail in other packs, as two backups at once leave it.
        var again = await MemoryArchive.CreateAsync(encrypted: false);
        await again.BackUpAllAsync(mailbox);
        foreach (
            var (name, bytes) in again.Store.Blobs.Where(blob =>
                blob.Key.StartsWith("packs/", StringComparison.Ordinal) || blob.Key.StartsWith("index/", StringComparison.Ordinal)
            )
        )
            await archive.Store.ReplaceAsync(name, bytes, Stop);
        Assert.NotEmpty((await PacksAsync(archive)).Except(before));

        foreach (var pack in before)
            archive.Store.Move(pack, BlobAccess.Offline);

        await archive.NewestShouldEqualAsync(mailbox);
        var needed = await NeededAsync(archive);
        Assert.NotEmpty(needed.Packs);
        Assert.Empty(needed.Offline);
    }

    [Fact]
    public async Task Only_the_packs_that_a_snapshot_needs_are_asked_for()
    {
        var (archive, _) = await TwoNightsAsync();
        var packs = await PacksAsync(archive);
        foreach (var pack in packs)
            archive.Store.Move(pack, BlobAccess.Offline);
        var opened = await archive.OpenAsync();
        var first = await opened.ReadAsync((await archive.SnapshotsAsync())[0], Stop);
        var needed = await NeededPacks.OfAsync(opened, first, (_, _) => true, Stop);
        var rehydration = new ArchiveRehydration(opened, "cool", false);

        var dry = await rehydration.RunAsync(needed.Packs, dryRun: true, _ => { }, Stop);
        Assert.Empty(archive.Store.Rehydrated);
        var asked = await rehydration.RunAsync(needed.Packs, dryRun: false, _ => { }, Stop);
        Assert.Equal([(packs[0], "cool", false)], archive.Store.Rehydrated);
        var again = await rehydration.RunAsync(
            (await NeededPacks.OfAsync(opened, first, (_, _) => true, Stop)).Packs,
            dryRun: false,
            _ => { },
            Stop
        );

        Assert.Equal((1, 1, 0, false), (dry.Needed, dry.Asked, dry.Returning, dry.IsReady));
        Assert.Equal((long)archive.Store.Blobs[packs[0]].Length, asked.AskedBytes);
        Assert.Equal((0, 1, false), (again.Asked, again.Returning, again.IsReady));
        // Hurried, where that is paid for.
        await new ArchiveRehydration(opened, "cool", true).RunAsync(
            (await NeededPacks.OfAsync(opened, first, (_, _) => true, Stop)).Packs,
            dryRun: false,
            _ => { },
            Stop
        );
        Assert.Equal((packs[0], "cool", true), archive.Store.Rehydrated[^1]);
        archive.Store.Move(packs[0], BlobAccess.Online);
        Assert.True(
            (
                await rehydration.RunAsync(
                    (await NeededPacks.OfAsync(opened, first, (_, _) => true, Stop)).Packs,
                    dryRun: false,
                    _ => { },
                    Stop
                )
            ).IsReady
        );
    }

    [Fact]
    public async Task Check_says_what_it_could_not_read_and_repair_changes_nothing()
    {
        var (archive, _) = await TwoNightsAsync();
        var packs = await PacksAsync(archive);
        archive.Store.Move(packs[0], BlobAccess.Offline);
        var before = archive.Store.Blobs.Keys.ToList();

        var report = await archive.CheckAsync();

        Assert.Empty(report.Problems);
        Assert.Equal((1, (long)archive.Store.Blobs[packs[0]].Length), (report.PacksOffline, report.BytesOffline));
        Assert.Contains(report.Notes, note => note.Contains("1 of 6 packs") && note.Contains("Whether it is intact is not known"));
        var exception = await Assert.ThrowsAsync<StorageException>(async () =>
            await new ArchiveRepair(await archive.OpenAsync()).RunAsync([], _ => { }, Stop)
        );
        Assert.Equal(Reason.BlobOffline, exception.Reason);
        Assert.Contains("rehydrate --all", exception.Message);
        Assert.Equal(before, archive.Store.Blobs.Keys);
        Assert.Equal(0, archive.Store.OfflineReads);
    }

    [Fact]
    public async Task Backups_and_pruning_continue_without_what_is_offline()
    {
        var (archive, mailbox) = await TwoNightsAsync();
        // What a killed run has left is offline, too.
        var orphan = $"packs/202601/{new string('a', 64)}";
        await archive.Store.ReplaceAsync(orphan, new byte[200], Stop);
        foreach (var pack in await PacksAsync(archive))
            archive.Store.Move(pack, BlobAccess.Offline);
        mailbox.Folders[0].Add(Letters.Letter(9));
        archive.Time.Advance(TimeSpan.FromDays(1));
        var progress = new RunProgress();

        var report = await archive.BackUpAsync(mailbox.Session, progress: progress);

        Assert.Equal((RunOutcome.Complete, 1L), (report.Outcome, report.Total.Delivered));
        Assert.Contains(report.Notices, notice => notice.Contains(orphan) && notice.Contains("archive tier"));
        archive.Time.Advance(TimeSpan.FromDays(400));
        var pruned = await new ArchivePrune(await archive.OpenAsync(), new RetentionPolicy(1, 0, 0, 0, 0), TimeSpan.Zero).RunAsync(
            dryRun: false,
            _ => { },
            Stop
        );
        Assert.Equal(1, pruned.Kept);
        Assert.Equal(0, archive.Store.OfflineReads);
        foreach (var pack in await PacksAsync(archive))
            archive.Store.Move(pack, BlobAccess.Online);
        await archive.NewestShouldEqualAsync(mailbox);
    }

    [Fact]
    public async Task A_store_that_refuses_is_not_taken_for_a_lost_connection()
    {
        var (archive, _) = await TwoNightsAsync();
        var packs = await PacksAsync(archive);
        archive.Through = store => new FaultyBlobStore(
            store,
            new Faults(0)
            {
                Before = what =>
                    packs.Any(what.Contains) ? throw new StorageException(Reason.AccessDenied, "the signature ended") : Task.CompletedTask,
            }
        );

        var exception = await Assert.ThrowsAsync<MailException>(() => FetchAsync(archive, []));

        Assert.Equal(Reason.AccessDenied, exception.Reason);
        Assert.Contains("the signature ended", exception.Message);
    }

    /// <summary>Three messages in one pack, two in the next.</summary>
    private static async Task<(MemoryArchive Archive, MemoryMailSource Mailbox)> TwoNightsAsync()
    {
        var (archive, mailbox) = (await MemoryArchive.CreateAsync(encrypted: false), new MemoryMailSource());
        var inbox = mailbox.Add("INBOX", SpecialUse.Inbox);
        foreach (var number in new[] { 1, 2, 3 })
            inbox.Add(Letters.Letter(number));
        await archive.BackUpAllAsync(mailbox);
        archive.Time.Advance(TimeSpan.FromDays(32));
        foreach (var number in new[] { 4, 5 })
            inbox.Add(Letters.Letter(number));
        await archive.BackUpAllAsync(mailbox);
        return (archive, mailbox);
    }

    /// <summary>In the order in which they were written: by month.</summary>
    private static async Task<List<string>> PacksAsync(MemoryArchive archive) =>
        await archive.Store.ListAsync("packs/", Stop).Select(blob => blob.Name).ToListAsync(Stop);

    private static async Task<NeededPacks> NeededAsync(MemoryArchive archive)
    {
        var opened = await archive.OpenAsync();
        return await NeededPacks.OfAsync(opened, await opened.ReadAsync((await archive.SnapshotsAsync())[^1], Stop), (_, _) => true, Stop);
    }

    private static async Task<(IReadOnlyList<Uid> Gone, IReadOnlyList<(Uid Uid, Reason Reason, string Why)> Unreadable)> FetchAsync(
        MemoryArchive archive,
        List<Uid> fetched
    )
    {
        var opened = await archive.OpenAsync();
        await using var session = await (
            await ArchiveSource.SessionsAsync(opened, await opened.ReadAsync((await archive.SnapshotsAsync())[^1], Stop), Stop)
        )(Stop);
        await session.OpenAsync(FolderPath.Inbox, Stop);
        return await new IsolatingFetch().RunAsync(
            session,
            await session.ListUidsAsync(1, Stop),
            uid => !fetched.Contains(uid),
            MessageSizes.Any,
            new HashingSink((uid, _, _, _) => fetched.Add(uid)),
            Stop
        );
    }
}
