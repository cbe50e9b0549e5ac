using Migrator.Core.Archives;
using Migrator.Core.Mail;
using Migrator.Core.Runs;
using Migrator.Tests.Memory;
using Xunit;

namespace Migrator.Tests.Archives;

/// <summary>Backups whose past is not what it was.</summary>
public sealed class DamagedPastTests
{
    [Fact]
    public async Task A_run_goes_on_from_the_newest_snapshot_that_can_be_read()
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

    private static async Task FillAsync(MemoryArchive archive, MemoryMailSource mailbox, int from, int count)
    {
        for (var number = from; number < from + count; number++)
            mailbox.Folders[0].Add(System.Text.Encoding.ASCII.GetBytes($"message {number}"));
        archive.Time.Advance(TimeSpan.FromDays(1));
        await archive.BackUpAllAsync(mailbox);
    }
}
