using Migrator.Core.Archives;
using Migrator.Core.Migrations;
using Migrator.Core.Reports;
using Migrator.Tests.Memory;
using Xunit;

namespace Migrator.Tests.Archives;

/// <summary>A mailbox that loses most of its messages keeps all its snapshots until somebody says that this is meant.</summary>
public sealed class ShrinkageTests
{
    private static readonly RetentionPolicy s_last = new(1, 0, 0, 0, 0);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1000, 499, true)]
    [InlineData(1000, 500, false)]
    [InlineData(150, 50, true)]
    [InlineData(150, 51, false)]
    [InlineData(99, 0, false)]
    [InlineData(100, 0, true)]
    [InlineData(0, 0, false)]
    [InlineData(100, 1000, false)]
    public void More_than_half_and_at_least_a_hundred_is_far_fewer(long before, long now, bool shrunk) =>
        Assert.Equal(shrunk, ShrunkRule.Default.IsShrunk(before, now));

    [Fact]
    public void A_hundred_percent_is_never_lost() => Assert.False(new ShrunkRule(100, 1).IsShrunk(1_000_000, 0));

    [Fact]
    public void A_loss_of_a_fifth_each_night_is_noticed_in_the_end()
    {
        long[] counts = [10_000, 8_000, 6_400, 5_120, 4_096];
        Assert.Null(Shrinkage.Of(Named(counts[..4]), ShrunkRule.Default, null));

        var (before, had, newest, has) = Shrinkage.Of(Named(counts), ShrunkRule.Default, null)!.Value;

        Assert.Equal((1, 10_000, 5, 4_096), (before.Sequence, had, newest.Sequence, has));
    }

    [Fact]
    public void What_was_accepted_is_not_compared_with_any_more_and_what_is_lost_after_it_is()
    {
        var accepted = new AcceptedLoss("", 3, default);
        Assert.NotNull(Shrinkage.Of(Named(1000, 900, 200), ShrunkRule.Default, null));
        Assert.Null(Shrinkage.Of(Named(1000, 900, 200), ShrunkRule.Default, accepted));
        Assert.Null(Shrinkage.Of(Named(1000, 900, 200, 110), ShrunkRule.Default, accepted));
        Assert.NotNull(Shrinkage.Of(Named(1000, 900, 200, 50), ShrunkRule.Default, accepted));
        // Of an earlier loss, it says nothing of a later one.
        Assert.NotNull(Shrinkage.Of(Named(1000, 900, 200), ShrunkRule.Default, new AcceptedLoss("", 2, default)));
    }

    [Fact]
    public void A_mailbox_that_has_its_mail_again_is_as_before() =>
        Assert.Null(Shrinkage.Of(Named(1000, 10, 990), ShrunkRule.Default, null));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Prune_keeps_everything_of_a_mailbox_that_has_shrunk_until_it_is_accepted(bool encrypted)
    {
        var (archive, mailbox) = (await MemoryArchive.CreateAsync(encrypted), new MemoryMailSource());
        await FillAsync(archive, mailbox, nights: 3);
        Lose(mailbox, 160);

        var report = await archive.BackUpAsync(mailbox.Session);
        Assert.Equal((RunOutcome.Partial, "mailbox-shrunk"), (report.Outcome, Assert.Single(report.Problems).Code));
        Assert.Contains(report.Notices, notice => notice.Contains("has lost 160 of 203 messages", StringComparison.Ordinal));
        // Also of a night that wrote no snapshot.
        Assert.Equal(RunOutcome.Partial, (await archive.BackUpAsync(mailbox.Session)).Outcome);
        Assert.Equal(SnapshotState.Complete, (await archive.SnapshotsAsync())[^1].State);
        archive.Time.Advance(TimeSpan.FromDays(60));

        var kept = await PruneAsync(archive);
        Assert.Equal(0, kept.Dropped);
        Assert.Equal((203, 43), (Assert.Single(kept.Frozen).Had, kept.Frozen[0].Has));

        var (name, loss) = await Shrinkage.AcceptAsync(await archive.OpenAsync(), null, MailboxMatch.Name, ShrunkRule.Default, Stop);
        Assert.Equal((MemoryArchive.Account, 160), (name, loss!.Had - loss.Has));
        Assert.Null((await Shrinkage.AcceptAsync(await archive.OpenAsync(), null, MailboxMatch.Name, ShrunkRule.Default, Stop)).Loss);
        Assert.Equal(RunOutcome.Complete, (await archive.BackUpAsync(mailbox.Session)).Outcome);
        var pruned = await PruneAsync(archive);
        Assert.Equal((3, 1, 0), (pruned.Dropped, pruned.Kept, pruned.Frozen.Count));
        await archive.NewestShouldEqualAsync(mailbox);
    }

    [Fact]
    public async Task Who_can_write_beside_the_archive_cannot_let_prune_continue()
    {
        var (archive, mailbox) = (await MemoryArchive.CreateAsync(encrypted: true), new MemoryMailSource());
        await FillAsync(archive, mailbox, nights: 3);
        Lose(mailbox, 160);
        await archive.BackUpAsync(mailbox.Session);
        archive.Time.Advance(TimeSpan.FromDays(60));
        var newest = (await archive.SnapshotsAsync())[^1];
        await archive.ControlStore.ReplaceAsync(
            $"accepted/{newest.Mailbox}.json",
            System.Text.Encoding.UTF8.GetBytes(
                $$"""{"note":"{\"snapshot\":\"{{newest.Name}}\",\"sequence\":{{newest.Sequence}},"""
                    + $$"""\"at\":\"2026-01-01T00:00:00Z\"}","seal":"{{new string('0', 64)}}"}"""
            ),
            Stop
        );
        Assert.Single((await PruneAsync(archive)).Frozen);

        // Who takes notes away takes an acceptance away, and no loss with it.
        await Shrinkage.AcceptAsync(await archive.OpenAsync(), null, MailboxMatch.Name, ShrunkRule.Default, Stop);
        var accepted = archive.Clone();
        foreach (var note in archive.ControlStore.Blobs.Keys.Where(name => name.StartsWith("accepted/", StringComparison.Ordinal)).ToList())
            await archive.ControlStore.DeleteAsync(note, Stop);
        Assert.Single((await PruneAsync(archive)).Frozen);
        Assert.Empty((await PruneAsync(accepted)).Frozen);
        Assert.DoesNotContain(
            accepted.ControlStore.Blobs,
            note => System.Text.Encoding.UTF8.GetString(note.Value).Contains("ann@", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task A_dry_run_says_what_is_frozen_and_other_mailboxes_are_pruned()
    {
        var (archive, mailbox, other) = (await MemoryArchive.CreateAsync(encrypted: false), new MemoryMailSource(), new MemoryMailSource());
        await FillAsync(archive, mailbox, nights: 3);
        var inbox = other.Add("INBOX");
        for (var night = 0; night < 3; night++)
        {
            inbox.Add([(byte)night]);
            await archive.BackUpAsync(other.Session, "bob");
        }
        Lose(mailbox, 200);
        await archive.BackUpAsync(mailbox.Session);
        archive.Time.Advance(TimeSpan.FromDays(60));

        var report = await new ArchivePrune(await archive.OpenAsync(), s_last, TimeSpan.Zero).RunAsync(dryRun: true, _ => { }, Stop);

        Assert.Equal(MemoryArchive.Account, Assert.Single(report.Frozen).Mailbox);
        Assert.Equal((5, 2), (report.Kept, report.Dropped));
    }

    private static async Task<PruneReport> PruneAsync(MemoryArchive archive) =>
        await new ArchivePrune(await archive.OpenAsync(), s_last, TimeSpan.Zero).RunAsync(dryRun: false, _ => { }, Stop);

    private static async Task FillAsync(MemoryArchive archive, MemoryMailSource mailbox, int nights)
    {
        var inbox = mailbox.Add("INBOX");
        for (var number = 0; number < 200; number++)
            inbox.Add(BitConverter.GetBytes(number));
        for (var night = 0; night < nights; night++)
        {
            inbox.Add([1, 2, (byte)night]);
            await archive.BackUpAllAsync(mailbox);
            archive.Time.Advance(TimeSpan.FromDays(1));
        }
    }

    private static void Lose(MemoryMailSource mailbox, int messages)
    {
        foreach (var uid in mailbox.Folders[0].Messages.Keys.Take(messages).ToList())
            mailbox.Folders[0].Messages.Remove(uid);
    }

    private static IReadOnlyList<(SnapshotName, long)> Named(params long[] counts) =>
        [
            .. counts.Select(
                (count, index) =>
                    (
                        new SnapshotName(
                            $"snapshots/m/{index + 1}",
                            "m",
                            index + 1,
                            MemoryArchive.Epoch.AddDays(index),
                            SnapshotState.Complete,
                            $"{index:x16}"
                        ),
                        count
                    )
            ),
        ];
}
