using System.Reflection;
using Migrator.Core.Archives;
using Migrator.Core.Failures;
using Migrator.Core.Reports;
using Migrator.Tests.Memory;
using Xunit;

namespace Migrator.Tests.Archives;

/// <summary>What the index of an archive that stays open costs, and that it stays true.</summary>
public sealed class QuietNightTests
{
    private readonly MemoryMailSource _mailbox = new();
    private readonly List<string> _operations = [];

    public QuietNightTests()
    {
        foreach (var name in new[] { "INBOX", "Sent" })
        {
            var folder = _mailbox.Add(name);
            folder.HighestModSeq = 1;
            folder.Add("one"u8.ToArray());
            folder.Add("two"u8.ToArray());
        }
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_mailbox_without_news_costs_few_operations(bool encrypted)
    {
        var (archive, opened) = await OpenAsync(encrypted);
        for (var number = 0; number < 100; number++)
            await BackUpAsync(archive, opened, $"user{number}");
        archive.Time.Advance(TimeSpan.FromMinutes(50));
        _operations.Clear();

        await BackUpAsync(archive, opened, "user50");

        Assert.Equal(
            ["commit 0", "delete 1", "draft 0", "find 0", $"list {(encrypted ? 5 : 4)}", "open 1", "replace 2"],
            new[] { "commit", "delete", "draft", "find", "list", "open", "replace" }.Select(kind =>
                $"{kind} {_operations.Count(what => what.Split(' ')[0] == kind)}"
            )
        );
    }

    [Fact]
    public async Task Who_names_a_mailbox_reads_no_other()
    {
        var (archive, opened) = await OpenAsync(encrypted: true);
        for (var number = 0; number < 20; number++)
            await BackUpAsync(archive, opened, $"user{number}");
        _operations.Clear();

        var chosen = await SnapshotChoice.FindAsync(opened, "user7", null, MailboxMatch.Name, complete: true, Stop);

        Assert.Equal("user7", chosen.Snapshot.Mailbox);
        Assert.Equal(
            ["list", "open"],
            _operations.Where(what => what.Contains("snapshots/", StringComparison.Ordinal)).Select(what => what.Split(' ')[0])
        );
        Assert.DoesNotContain("list snapshots/", _operations);
    }

    [Fact]
    public async Task A_prune_reads_each_snapshot_once()
    {
        var (archive, opened) = await OpenAsync(encrypted: false);
        for (var night = 0; night < 10; night++)
        {
            _mailbox.Folders[0].Add([(byte)night]);
            _mailbox.Folders[0].HighestModSeq++;
            await BackUpAsync(archive, opened);
            archive.Time.Advance(TimeSpan.FromDays(1));
        }
        _operations.Clear();

        var report = await new ArchivePrune(await archive.OpenAsync(), new RetentionPolicy(4, 0, 0, 0, 0), TimeSpan.Zero).RunAsync(
            dryRun: false,
            _ => { },
            Stop
        );

        Assert.Equal((4, 6), (report.Kept, report.Dropped));
        var read = _operations.Where(what => what.StartsWith("open snapshots/", StringComparison.Ordinal)).ToList();
        Assert.Equal((10, 10), (read.Count, read.Distinct().Count()));
    }

    [Fact]
    public async Task Packs_are_listed_once_a_day_however_many_mailboxes_there_are()
    {
        var (archive, opened) = await OpenAsync(encrypted: false);
        for (var number = 0; number < 100; number++)
            await BackUpAsync(archive, opened, $"user{number}");
        Assert.Equal(1, _operations.Count(what => what == "list packs/"));

        archive.Time.Advance(TimeSpan.FromHours(20));
        for (var number = 0; number < 100; number++)
            await BackUpAsync(archive, opened, $"user{number}");

        Assert.Equal(2, _operations.Count(what => what == "list packs/"));
    }

    [Fact]
    public async Task An_index_blob_is_read_once_no_matter_who_wrote_it()
    {
        var (archive, opened) = await OpenAsync(encrypted: true);
        var other = await archive.OpenAsync();
        for (var day = 0; day < 10; day++)
        {
            _mailbox.Folders[0].Add([(byte)day]);
            _mailbox.Folders[0].HighestModSeq++;
            await BackUpAsync(archive, opened);
            await BackUpAsync(archive, other, "other");
            archive.Time.Advance(TimeSpan.FromMinutes(1));
        }

        var written = _operations
            .Where(what => what.StartsWith("commit index/", StringComparison.Ordinal))
            .Select(what => what[7..])
            .ToList();
        var read = _operations.Where(what => what.StartsWith("open index/", StringComparison.Ordinal)).Select(what => what[5..]).ToList();
        Assert.True(written.Count >= 10);
        // Each by the one that did not write it; by the one that did, never.
        Assert.Equal(read.Distinct().Order(), read.Order());
        Assert.Empty(read.Except(written));
    }

    [Fact]
    public async Task Index_blobs_that_were_merged_are_forgotten_once()
    {
        var archive = await MemoryArchive.CreateAsync(encrypted: false);
        var index = DispatchProxy.Create<IPackIndex, WatchedPackIndex>();
        var removed = ((WatchedPackIndex)index).Removed;
        var opened = await Archive.OpenAsync(archive.Store, archive.ControlStore, null, archive.Time, Stop, _ => index);
        for (var number = 0; number < 100; number++)
        {
            _mailbox.Folders[0].Add([(byte)number]);
            _mailbox.Folders[0].HighestModSeq++;
            await BackUpAsync(archive, opened, $"user{number}");
        }
        var merged = archive.Store.Blobs.Keys.Count(name => name.StartsWith("index/", StringComparison.Ordinal)) - index.Blobs.Count;
        Assert.True(merged > 60, $"{merged} merged");
        removed.Clear();

        // Merged ones stay in the store for an hour, in which each run lists them.
        await BackUpAsync(archive, opened, "user50");
        await BackUpAsync(archive, opened, "user51");

        Assert.Empty(removed);
    }

    [Fact]
    public async Task What_was_pruned_by_somebody_else_is_stored_again()
    {
        var (archive, opened) = await OpenAsync(encrypted: false);
        await BackUpAsync(archive, opened);
        var taken = _mailbox.Folders[0].Messages[2];
        foreach (var folder in _mailbox.Folders)
        {
            folder.Messages.Remove(2);
            folder.HighestModSeq++;
        }
        // So that there is something else in the pack that goes, and that must not: the pages of the second snapshot are in another one.
        _mailbox.Folders[0].Messages.Remove(1);
        _mailbox.Folders[1].Messages.Remove(1);
        _mailbox.Folders[0].Add("three"u8.ToArray(), uid: 3);
        archive.Time.Advance(TimeSpan.FromDays(1));
        await BackUpAsync(archive, opened);
        archive.Time.Advance(TimeSpan.FromDays(40));
        var report = await new ArchivePrune(await archive.OpenAsync(), new RetentionPolicy(1, 0, 0, 0, 0), TimeSpan.Zero).RunAsync(
            dryRun: false,
            _ => { },
            Stop
        );
        Assert.True(report.Packs > 0);

        _mailbox.Folders[0].Add(taken.Bytes, uid: 4);
        _mailbox.Folders[0].HighestModSeq++;
        await BackUpAsync(archive, opened);

        await archive.ShouldBeSoundAsync();
        await archive.NewestShouldEqualAsync(_mailbox);
    }

    [Fact]
    public async Task What_a_failed_run_left_behind_is_taken_over_by_the_next_one()
    {
        var (archive, _) = await OpenAsync(encrypted: false);
        var failing = true;
        archive.Through = store => new FaultyBlobStore(
            store,
            new Faults(0)
            {
                Before = what =>
                    failing && what.StartsWith("commit index/", StringComparison.Ordinal) ? throw Faults.Failure(what) : Task.CompletedTask,
            }
        );
        var opened = await archive.OpenAsync();
        await Assert.ThrowsAsync<StorageException>(() => BackUpAsync(archive, opened));
        var packs = archive.Store.Blobs.Keys.Where(name => name.StartsWith("packs/", StringComparison.Ordinal)).ToList();
        Assert.Single(packs);

        failing = false;
        await BackUpAsync(archive, opened);

        Assert.Equal(packs, archive.Store.Blobs.Keys.Where(name => name.StartsWith("packs/", StringComparison.Ordinal)));
        await archive.NewestShouldEqualAsync(_mailbox);
    }

    [Fact]
    public async Task What_a_run_has_not_recorded_yet_is_no_others_to_name()
    {
        var (archive, _) = await OpenAsync(encrypted: false);
        var (begun, goOn) = (
            new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously),
            new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
        );
        var held = 0;
        archive.Through = store => new FaultyBlobStore(
            store,
            new Faults(0)
            {
                // The first index: its packs are durable, and it will never be.
                Before = async what =>
                {
                    if (!what.StartsWith("commit index/", StringComparison.Ordinal) || Interlocked.Increment(ref held) > 1)
                        return;
                    begun.SetResult();
                    await goOn.Task;
                    throw Faults.Failure(what);
                },
            }
        );
        var opened = await archive.OpenAsync();
        var first = BackUpAsync(archive, opened, "first");
        await begun.Task;

        await BackUpAsync(archive, opened);
        var left = archive.Clone();
        goOn.SetResult();

        await Assert.ThrowsAsync<StorageException>(() => first);
        await left.ShouldBeSoundAsync();
        await left.NewestShouldEqualAsync(_mailbox);
    }

    private async Task<(MemoryArchive Archive, Archive Opened)> OpenAsync(bool encrypted)
    {
        var archive = await MemoryArchive.CreateAsync(encrypted);
        archive.Through = store => new FaultyBlobStore(
            store,
            new Faults(0)
            {
                Counted = what =>
                {
                    lock (_operations)
                        _operations.Add(what);
                },
            }
        );
        return (archive, await archive.OpenAsync());
    }

    private async Task BackUpAsync(MemoryArchive archive, Archive opened, string account = MemoryArchive.Account) =>
        Assert.Equal(RunOutcome.Complete, (await archive.BackUpAsync(_mailbox.Session, account, opened: opened)).Outcome);
}
