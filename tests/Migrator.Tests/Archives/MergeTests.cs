using System.Text;
using Migrator.Core.Archives;
using Migrator.Tests.Memory;
using Xunit;

namespace Migrator.Tests.Archives;

/// <summary>What many nights leave in pieces is put together again.</summary>
public sealed class MergeTests
{
    private static readonly RetentionPolicy s_all = new(1000, 0, 0, 0, 0),
        s_last = new(1, 0, 0, 0, 0);

    private readonly MemoryMailSource _mailbox = new();

    public MergeTests() => _mailbox.Add("INBOX");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Small_packs_become_one_of_each_kind_and_every_snapshot_stays(bool encrypted)
    {
        var archive = await NightsAsync(encrypted, 40);
        var pictures = await PicturesAsync(archive);

        var report = await PruneAsync(archive, s_all);

        Assert.Equal(0, report.Dropped);
        Assert.Equal((80, 2), (report.Merged, report.MergedInto));
        Assert.Equal((1, 1), (Count(archive, "packs/"), Count(archive, "pages/")));
        await ShouldHoldAsync(archive, pictures);
        // With nothing new, the next one has nothing to do.
        var before = archive.Store.Blobs.Keys.ToHashSet();
        Assert.Equal(0, (await PruneAsync(archive, s_all)).Merged);
        Assert.Subset(before, archive.Store.Blobs.Keys.ToHashSet());
    }

    [Fact]
    public async Task Tiny_messages_do_not_make_a_pack_whose_list_of_contents_is_large()
    {
        var archive = await MemoryArchive.CreateAsync(encrypted: false);
        for (var number = 0; number < 20_000; number++)
            _mailbox.Folders[0].Add(System.Text.Encoding.ASCII.GetBytes($"{number}"));
        await archive.BackUpAllAsync(_mailbox);

        Assert.Equal(2, Count(archive, "packs/"));
        // Nor is it merged each night because it is small.
        for (var night = 0; night < 3; night++)
        {
            _mailbox.Folders[0].Add(System.Text.Encoding.ASCII.GetBytes($"Night {night}"));
            archive.Time.Advance(TimeSpan.FromDays(1));
            await archive.BackUpAllAsync(_mailbox);
        }
        archive.Time.Advance(TimeSpan.FromDays(1));
        var large = archive
            .Store.Blobs.Where(blob => blob.Key.StartsWith("packs/", StringComparison.Ordinal))
            .MaxBy(blob => blob.Value.Length)
            .Key;
        Assert.True((await PruneAsync(archive, s_all)).Merged > 0);
        Assert.Contains(large, archive.Store.Blobs.Keys);
        Assert.Equal(0, (await PruneAsync(archive, s_all)).Merged);
        Assert.All(
            archive.Store.Blobs.Where(blob => blob.Key.StartsWith("packs/", StringComparison.Ordinal)),
            pack => Assert.True(pack.Value.Length < 2 << 20)
        );
        await archive.NewestShouldEqualAsync(_mailbox);
    }

    [Fact]
    public async Task A_large_pack_of_which_little_is_needed_is_rewritten()
    {
        var archive = await MemoryArchive.CreateAsync(encrypted: true);
        var random = new Random(3);
        for (var number = 0; number < 14; number++)
        {
            var bytes = new byte[1 << 20];
            random.NextBytes(bytes);
            _mailbox.Folders[0].Add(bytes);
        }
        await archive.BackUpAllAsync(_mailbox);
        foreach (var uid in _mailbox.Folders[0].Messages.Keys.Where(uid => uid.Value % 3 != 0).ToList())
            _mailbox.Folders[0].Messages.Remove(uid);
        archive.Time.Advance(TimeSpan.FromDays(1));
        await archive.BackUpAllAsync(_mailbox);
        var pictures = await PicturesAsync(archive, last: 1);

        var report = await PruneAsync(archive, s_last);

        Assert.Equal(1, report.Merged);
        Assert.InRange(
            archive.Store.Blobs.Where(blob => blob.Key.StartsWith("packs/", StringComparison.Ordinal)).Sum(blob => blob.Value.Length),
            4 << 20,
            5 << 20
        );
        await ShouldHoldAsync(archive, pictures);
    }

    [Fact]
    public async Task A_damaged_pack_is_left_alone()
    {
        var archive = await NightsAsync(encrypted: true, 6);
        var damaged = archive.Store.Blobs.Keys.First(name => name.StartsWith("packs/", StringComparison.Ordinal));
        var bytes = archive.Store.Blobs[damaged].ToArray();
        bytes[60] ^= 1;
        await archive.Store.ReplaceAsync(damaged, bytes, Stop);

        var report = await PruneAsync(archive, s_all);

        Assert.Equal(11, report.Merged);
        Assert.Equal(damaged, Assert.Single((await archive.CheckAsync()).Problems).Blob);
    }

    [Fact]
    public async Task A_damaged_pack_of_headers_is_left_alone()
    {
        var archive = await NightsAsync(encrypted: false, 6);
        var damaged = archive.Store.Blobs.First(blob => blob.Key.StartsWith("headers/", StringComparison.Ordinal));
        damaged.Value[60] ^= 1;

        await PruneAsync(archive, s_all);
        Assert.Equal(2, Count(archive, "headers/"));
        var before = archive.Store.Blobs.Keys.ToHashSet();
        await NightsAsync(archive, 4);
        await PruneAsync(archive, s_all);

        Assert.Contains(damaged.Key, archive.Store.Blobs.Keys);
        Assert.Equal(2, Count(archive, "headers/"));
        Assert.Single(archive.Store.Blobs.Keys.Except(before), name => name.StartsWith("headers/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Of_two_whole_copies_one_is_kept()
    {
        var (archive, _) = await TwiceAsync();

        await PruneAsync(archive, s_all);

        Assert.Equal(1, Count(archive, "packs/"));
        var statistics = await new ArchiveStatistics(await archive.OpenAsync()).RunAsync(_ => { }, Stop);
        Assert.Equal(5, statistics.Packs.Objects);
        await archive.ShouldBeSoundAsync();
        await archive.NewestShouldEqualAsync(_mailbox);
    }

    [Fact]
    public async Task Of_two_copies_the_whole_one_is_kept_whichever_is_damaged()
    {
        var (archive, copies) = await TwiceAsync();
        foreach (var copy in copies)
        {
            var damaged = archive.Clone();
            damaged.Store.Blobs[copy][60] ^= 1;

            Assert.True((await PruneAsync(damaged, s_all)).Merged > 0);

            await damaged.NewestShouldEqualAsync(_mailbox);
        }
    }

    [Fact]
    public async Task What_a_backup_relied_on_while_packs_were_merged_stays()
    {
        var archive = await NightsAsync(encrypted: false, 6);
        // Gone from the mailbox and from all snapshots that are kept, and back while packs are being merged.
        var message = _mailbox.Folders[0].Messages[1].Bytes;
        _mailbox.Folders[0].Messages.Remove(1);
        _mailbox.Folders[0].Add("Subject: other\r\n\r\n"u8.ToArray());
        archive.Time.Advance(TimeSpan.FromDays(1));
        await archive.BackUpAllAsync(_mailbox);
        archive.Time.Advance(TimeSpan.FromDays(40));
        var merging = false;
        archive.Through = store => new FaultyBlobStore(
            store,
            new Faults(0)
            {
                Before = async what =>
                {
                    if (merging || !what.StartsWith("commit packs/", StringComparison.Ordinal))
                        return;
                    merging = true;
                    var through = archive.Through;
                    archive.Through = inner => inner;
                    _mailbox.Folders[0].Add(message);
                    await archive.BackUpAllAsync(_mailbox);
                    archive.Through = through;
                },
            }
        );

        await PruneAsync(archive, s_last);

        Assert.True(merging);
        archive.Through = store => store;
        await archive.ShouldBeSoundAsync();
        await archive.NewestShouldEqualAsync(_mailbox);
    }

    [Fact]
    public async Task A_prune_that_is_stopped_anywhere_is_gone_on_with()
    {
        var nights = await NightsAsync(encrypted: false, 8);
        nights.Time.Advance(TimeSpan.FromDays(40));
        var pictures = await PicturesAsync(nights, last: 2);
        for (var (operation, done) = (1, false); !done; operation += 3)
        {
            var archive = nights.Clone();
            using var stop = new CancellationTokenSource();
            var (count, last) = (0, operation);
            archive.Through = store => new FaultyBlobStore(
                store,
                new Faults(0)
                {
                    Counted = _ =>
                    {
                        if (++count == last)
                            stop.Cancel();
                    },
                }
            );
            try
            {
                await new ArchivePrune(await archive.OpenAsync(), new RetentionPolicy(2, 0, 0, 0, 0), TimeSpan.Zero).RunAsync(
                    dryRun: false,
                    _ => { },
                    stop.Token
                );
                done = count < operation;
            }
            catch (OperationCanceledException)
            {
                Assert.True(count >= operation);
            }
            archive.Through = store => store;
            Assert.DoesNotContain(archive.ControlStore.Blobs.Keys, name => name.StartsWith("leases/", StringComparison.Ordinal));
            await ShouldHoldAsync(archive, pictures);
            await new ArchivePrune(await archive.OpenAsync(), new RetentionPolicy(2, 0, 0, 0, 0), TimeSpan.Zero).RunAsync(
                dryRun: false,
                _ => { },
                Stop
            );
            await ShouldHoldAsync(archive, pictures);
            Assert.Equal((1, 1), (Count(archive, "packs/"), Count(archive, "pages/")));
        }
    }

    [Fact]
    public async Task Backups_merge_small_index_blobs_and_remove_them_an_hour_later()
    {
        var archive = await NightsAsync(encrypted: true, 100);
        await archive.ShouldBeSoundAsync();
        Assert.InRange(Count(archive, "index/"), 1, 40);

        archive.Time.Advance(TimeSpan.FromHours(2));
        await archive.BackUpAllAsync(_mailbox);
        var pictures = await PicturesAsync(archive);
        Assert.InRange(Count(archive, "index/"), 1, 36);
        await ShouldHoldAsync(archive, pictures);
    }

    [Fact]
    public async Task An_index_blob_that_was_superseded_does_not_count_although_it_is_still_there()
    {
        var archive = await NightsAsync(encrypted: true, 5);
        archive.Time.Advance(TimeSpan.FromDays(40));
        var old = archive.Store.Blobs.Where(blob => blob.Key.StartsWith("index/", StringComparison.Ordinal)).ToDictionary();
        await PruneAsync(archive, s_last);
        var pictures = await PicturesAsync(archive);
        // A store that lets nothing go, or an attacker who puts them back.
        foreach (var (name, bytes) in old)
            await archive.Store.ReplaceAsync(name, bytes, Stop);

        await ShouldHoldAsync(archive, pictures);
        await archive.BackUpAllAsync(_mailbox);
        await archive.ShouldBeSoundAsync();
    }

    /// <summary>One message lies in two packs, each of four more in one.</summary>
    private async Task<(MemoryArchive Archive, IReadOnlyList<string> Copies)> TwiceAsync()
    {
        var archive = await MemoryArchive.CreateAsync(encrypted: true);
        _mailbox.Folders[0].Add("Subject: twice\r\n\r\n"u8.ToArray());
        // Two runs that did not know of each other.
        var other = archive.Clone();
        await other.BackUpAllAsync(_mailbox);
        await archive.BackUpAllAsync(_mailbox);
        foreach (var (name, bytes) in other.Store.Blobs.Where(blob => !archive.Store.Blobs.ContainsKey(blob.Key)))
            await archive.Store.ReplaceAsync(name, bytes, Stop);
        var copies = archive.Store.Blobs.Keys.Where(name => name.StartsWith("packs/", StringComparison.Ordinal)).ToList();
        Assert.Equal(2, copies.Count);
        for (var night = 0; night < 4; night++)
        {
            _mailbox.Folders[0].Add(Encoding.ASCII.GetBytes($"Subject: {night}\r\n\r\n"));
            archive.Time.Advance(TimeSpan.FromDays(1));
            await archive.BackUpAllAsync(_mailbox);
        }
        return (archive, copies);
    }

    private async Task<MemoryArchive> NightsAsync(bool encrypted, int nights)
    {
        var archive = await MemoryArchive.CreateAsync(encrypted);
        await NightsAsync(archive, nights);
        return archive;
    }

    private async Task NightsAsync(MemoryArchive archive, int nights)
    {
        for (var night = 0; night < nights; night++)
        {
            var number = _mailbox.Folders[0].Messages.Count;
            _mailbox.Folders[0].Add(Encoding.ASCII.GetBytes($"Subject: {number}\r\n\r\nNight {number}.\r\n"));
            await archive.BackUpAllAsync(_mailbox);
            archive.Time.Advance(TimeSpan.FromDays(1));
        }
    }

    private static async Task<PruneReport> PruneAsync(MemoryArchive archive, RetentionPolicy policy) =>
        await new ArchivePrune(await archive.OpenAsync(), policy, TimeSpan.Zero).RunAsync(dryRun: false, _ => { }, Stop);

    private static async Task<Dictionary<SnapshotName, IReadOnlyList<string>>> PicturesAsync(MemoryArchive archive, int last = int.MaxValue)
    {
        var pictures = new Dictionary<SnapshotName, IReadOnlyList<string>>();
        foreach (var name in (await archive.SnapshotsAsync()).TakeLast(last))
            pictures[name] = await archive.RestoreAsync(name);
        return pictures;
    }

    private static async Task ShouldHoldAsync(MemoryArchive archive, Dictionary<SnapshotName, IReadOnlyList<string>> pictures)
    {
        await archive.ShouldBeSoundAsync();
        foreach (var (name, picture) in pictures)
            MailboxImage.ShouldEqual(picture, await archive.RestoreAsync(name));
    }

    private static int Count(MemoryArchive archive, string prefix) =>
        archive.Store.Blobs.Keys.Count(name => name.StartsWith(prefix, StringComparison.Ordinal));
}
