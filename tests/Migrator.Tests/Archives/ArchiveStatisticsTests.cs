using Migrator.Core.Archives;
using Migrator.Core.Reports;
using Migrator.Tests.Memory;
using Migrator.Tests.Migrations;
using Xunit;

namespace Migrator.Tests.Archives;

/// <summary>What is said of an archive's size, savings and growth is what can be counted by hand.</summary>
public sealed class ArchiveStatisticsTests
{
    private readonly MemoryMailSource _ann = Mailbox(),
        _bob = Mailbox();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_mailboxes_have_in_common_is_counted_once(bool encrypted)
    {
        var archive = await MemoryArchive.CreateAsync(encrypted);
        Deliver(_ann, 1, 2, 3, 3);
        Deliver(_bob, 3, 4);
        await BackUpAsync(archive);

        var report = await RunAsync(archive);

        Assert.Equal(["ann", "bob"], report.Mailboxes.Select(mailbox => mailbox.Mailbox));
        Assert.Equal(new Messages(6, Size(1, 2, 3, 3, 3, 4)), report.Newest);
        Assert.Equal(new Messages(4, Size(1, 2, 3, 4)), report.Once);
        Assert.Equal((double)Size(1, 2, 3, 3, 3, 4) / Size(1, 2, 3, 4), report.Dedupe);
        Assert.Equal((4, Size(1, 2, 3, 4)), (report.Packs.Objects, report.Packs.Plain));
        Assert.InRange(report.Packs.Stored, 1, report.Packs.Plain - 1);
        Assert.Equal(
            (archive.Store.Blobs.Values.Sum(blob => (long)blob.Length), archive.Store.Blobs.Count),
            (report.Bytes, report.Blobs.Sum(kind => kind.Blobs))
        );
        Assert.Equal((0, 0, 2), (report.Missing, report.Unreadable, report.Snapshots));
        Assert.Null(report.Requests);
        Assert.All(report.Mailboxes, mailbox => Assert.Equal(archive.Time.GetUtcNow(), mailbox.LastRun));
    }

    [Fact]
    public async Task Growth_is_what_the_nights_of_a_month_brought_on_average()
    {
        var archive = await MemoryArchive.CreateAsync(encrypted: false);
        Deliver(_ann, 1, 2);
        Deliver(_bob, 3);
        await BackUpAsync(archive);
        Assert.Null((await RunAsync(archive)).Growth);

        archive.Time.Advance(TimeSpan.FromDays(10));
        Deliver(_ann, 10, 11, 12, 13);
        // What is known already takes no room.
        Deliver(_bob, 10);
        await BackUpAsync(archive);
        var early = await RunAsync(archive);
        Assert.Equal((0.4, Size(10, 11, 12, 13) / 10.0), (early.Growth!.Messages, early.Growth.Plain));
        Assert.True(early.Growth.Stored > 0);
        Assert.Equal((0.4, 0), (early.Mailboxes[0].Growth!.Messages, early.Mailboxes[1].Growth!.Messages));

        // What came earlier than 30 days ago does not count, and nights without news do, although they write no snapshot.
        archive.Time.Advance(TimeSpan.FromDays(35));
        Deliver(_ann, 20, 21, 22);
        await BackUpAsync(archive);
        Assert.Equal(0.1, (await RunAsync(archive)).Growth!.Messages);
        archive.Time.Advance(TimeSpan.FromDays(31));
        Assert.Equal(new Growth(0, 0, 0), (await RunAsync(archive)).Growth);
    }

    [Fact]
    public async Task What_is_gone_from_the_mailbox_stays_in_packs_and_does_not_count_as_new()
    {
        var archive = await MemoryArchive.CreateAsync(encrypted: false);
        Deliver(_ann, 1, 2, 3);
        await BackUpAsync(archive);
        archive.Time.Advance(TimeSpan.FromDays(1));
        _ann.Folders[0].Messages.Remove(2);
        await BackUpAsync(archive);

        var report = await RunAsync(archive);

        Assert.Equal((2, 2, 3), (report.Newest.Count, report.Once.Count, report.Packs.Objects));
        Assert.Equal(0, report.Growth!.Messages);
        Assert.True(report.Growth.Stored > 0, "A page was written.");
    }

    [Fact]
    public async Task What_is_missing_or_cannot_be_read_is_said()
    {
        var archive = await MemoryArchive.CreateAsync(encrypted: false);
        Deliver(_ann, 1, 2);
        await BackUpAsync(archive);
        archive.Time.Advance(TimeSpan.FromDays(1));
        Deliver(_bob, 3);
        await BackUpAsync(archive);
        foreach (var name in archive.Store.Blobs.Keys.Where(name => name.StartsWith("pages/", StringComparison.Ordinal)).ToList())
            archive.Store.Blobs[name][60] ^= 1;

        var report = await RunAsync(archive);

        Assert.True(report.Unreadable > 0);
        Assert.NotEmpty(report.Notes);
        Assert.Equal(3, report.Newest.Count);
        Assert.True(report.Once.Count < 3);
    }

    private static MemoryMailSource Mailbox()
    {
        var mailbox = new MemoryMailSource();
        mailbox.Add("INBOX");
        return mailbox;
    }

    private static void Deliver(MemoryMailSource mailbox, params int[] numbers)
    {
        foreach (var number in numbers)
            mailbox.Folders[0].Add(Letters.Letter(number, 5000));
    }

    private static long Size(params int[] numbers) => numbers.Sum(number => (long)Letters.Letter(number, 5000).Length);

    private async Task BackUpAsync(MemoryArchive archive)
    {
        foreach (var (name, mailbox) in new[] { ("ann", _ann), ("bob", _bob) })
            Assert.Equal(RunOutcome.Complete, (await archive.BackUpAsync(mailbox.Session, name)).Outcome);
    }

    private static async Task<StatisticsReport> RunAsync(MemoryArchive archive) =>
        await new ArchiveStatistics(await archive.OpenAsync()).RunAsync(_ => { }, Stop);
}
