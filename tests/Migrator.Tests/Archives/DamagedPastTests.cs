using Migrator.Core.Archives;
using Migrator.Core.Failures;
using Migrator.Core.Jobs;
using Migrator.Core.Mail;
using Migrator.Core.Progress;
using Migrator.Core.Reports;
using Migrator.Tests.Memory;
using Xunit;

namespace Migrator.Tests.Archives;

/// <summary>Backups whose past is not what it was.</summary>
public sealed class DamagedPastTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_run_continues_from_the_newest_snapshot_that_can_be_read()
    {
        var (archive, mailbox) = (await MemoryArchive.CreateAsync(encrypted: true), new MemoryMailSource());
        mailbox.Add(FolderPath.Inbox);
        await FillAsync(archive, mailbox, 1, 5);
        await FillAsync(archive, mailbox, 6, 2);
        var newest = (await archive.SnapshotsAsync())[^1];
        archive.Store.Blobs[newest.Name][60] ^= 1;
        mailbox.Folders[0].Add("eight"u8.ToArray());
        archive.Time.Advance(TimeSpan.FromDays(1));
        var progress = new RunProgress();

        var report = await archive.BackUpAsync(mailbox.Session, progress: progress);

        Assert.Equal(RunOutcome.Complete, report.Outcome);
        // What the snapshot before knows is not fetched again.
        Assert.Equal((3, 5), (report.Total.Delivered, report.Total.AlreadyThere));
        Assert.Contains(progress.Notices, notice => notice.Contains(newest.Name) && notice.Contains("archive repair"));
        await archive.NewestShouldEqualAsync(mailbox);
    }

    [Theory]
    [InlineData("packs/", false)]
    [InlineData("packs/", true)]
    [InlineData("pages/", false)]
    [InlineData("pages/", true)]
    public async Task Nothing_is_stored_on_top_of_packs_that_are_missing_or_cut_short(string kind, bool cut)
    {
        var (archive, box) = (await MemoryArchive.CreateAsync(encrypted: false), new MemoryPop3());
        box.Messages.Add(("a", "one"u8.ToArray()));
        box.Messages.Add(("b", "two"u8.ToArray()));
        await archive.BackUpPop3Async(box);
        var packs = archive.Store.Blobs.Where(blob => blob.Key.StartsWith(kind, StringComparison.Ordinal)).ToList();
        foreach (var (name, bytes) in packs)
            await (cut ? archive.Store.ReplaceAsync(name, bytes.AsMemory()[..^10], Stop) : archive.Store.DeleteAsync(name, Stop));
        // One is downloaded by somebody else, and another mailbox has the same message.
        box.Messages.RemoveAt(0);
        archive.Time.Advance(TimeSpan.FromDays(1));
        var before = archive.Store.Blobs.Keys.Order().ToList();

        foreach (var account in new[] { MemoryArchive.Account, "bob@old.example" })
        {
            var exception = await Assert.ThrowsAsync<StorageException>(() =>
                archive.BackUpAsync(box.Session, account, new SourceDeletionPolicy(0), null, 1, null, null)
            );
            Assert.Equal(Reason.BlobMissing, exception.Reason);
            Assert.Contains(packs[0].Key, exception.Message);
        }
        Assert.Equal(before, archive.Store.Blobs.Keys.Order());
        Assert.Single(box.Messages);

        // It was a disk that was not mounted.
        foreach (var (name, bytes) in packs)
            await archive.Store.ReplaceAsync(name, bytes, Stop);
        box.Messages.Add(("c", "three"u8.ToArray()));
        Assert.Equal(RunOutcome.Complete, (await archive.BackUpPop3Async(box)).Outcome);
        var restored = await archive.RestoreAsync((await archive.SnapshotsAsync())[^1]);
        Assert.Contains(restored, line => line.StartsWith($"  1: {ContentId.Of("one"u8)}", StringComparison.Ordinal));
        Assert.Contains(restored, line => line.StartsWith($"  3: {ContentId.Of("three"u8)}", StringComparison.Ordinal));
        await archive.ShouldBeSoundAsync();
    }

    [Fact]
    public async Task What_is_missing_for_good_is_repaired_and_backups_continue()
    {
        var (archive, mailbox) = (await MemoryArchive.CreateAsync(encrypted: false), new MemoryMailSource());
        mailbox.Add(FolderPath.Inbox);
        await FillAsync(archive, mailbox, 1, 3);
        await archive.Store.DeleteAsync(archive.Store.Blobs.Keys.First(name => name.StartsWith("packs/", StringComparison.Ordinal)), Stop);
        await Assert.ThrowsAsync<StorageException>(() => archive.BackUpAllAsync(mailbox));

        await new ArchiveRepair(await archive.OpenAsync()).RunAsync(
            [new RepairSource(MemoryArchive.Account, _ => Task.FromResult<IMailSource>(mailbox.Session()))],
            _ => { },
            Stop
        );

        await FillAsync(archive, mailbox, 4, 1);
        await archive.NewestShouldEqualAsync(mailbox);
        await archive.ShouldBeSoundAsync();
    }

    private static async Task FillAsync(MemoryArchive archive, MemoryMailSource mailbox, int from, int count)
    {
        for (var number = from; number < from + count; number++)
            mailbox.Folders[0].Add(System.Text.Encoding.ASCII.GetBytes($"message {number}"));
        archive.Time.Advance(TimeSpan.FromDays(1));
        await archive.BackUpAllAsync(mailbox);
    }
}
