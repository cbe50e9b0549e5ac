using Microsoft.Extensions.Logging.Abstractions;
using Migrator.Core.Backups;
using Migrator.Core.Folders;
using Migrator.Core.Jobs;
using Migrator.Core.Mail;
using Migrator.Core.Progress;
using Migrator.Core.Reports;
using Migrator.Tests.Archives;
using Migrator.Tests.Memory;
using Migrator.Tests.Servers;
using Xunit;
using static Migrator.Tests.Migrations.Letters;

namespace Migrator.Tests.Migrations;

/// <summary>More differences than a report lists: it still says what matters, and how many there are.</summary>
public sealed class ManyDifferencesTests(DovecotFixture servers)
{
    private const int Listed = 10_000;
    private const int More = 25;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Ten_thousand_other_flags_hide_no_message_that_was_altered()
    {
        // No room for another keyword: each message loses one.
        await using var proxy = new LoopbackProxy(servers.New.ImapPort)
        {
            FromServer = text => text.Replace(" \\*)]", ")]", StringComparison.Ordinal),
        };
        await using var harness = new Harness(servers.Old, servers.New, servers.Old.ImapPort, proxy.Port);
        servers.Old.DeliverRaw(
            harness.SourceUser,
            Enumerable.Range(0, Listed + More).Select(number => (Letter(number, 10), DateTimeOffset.UnixEpoch.AddDays(15_000)))
        );
        await using (var source = await harness.SourceAsync())
        {
            await source.StoreAsync("INBOX", "1:*", "+FLAGS (Fancy)");
            // Dovecot drops a CR at the very end when it stores a message.
            await source.AppendAsync("INBOX", "Subject: altered\r\n\r\nbody\r\r"u8.ToArray());
        }

        var report = await harness.RunAsync(Stop);
        var verified = await harness.VerifyAsync(Stop);

        Assert.Equal((RunOutcome.Partial, Listed + More + 1), (report.Outcome, report.Total.Delivered));
        Assert.Equal(
            (Listed, Listed + More),
            (report.Differences.Count(difference => difference.Kind == DifferenceKind.Flags), report.DifferenceCounts[DifferenceKind.Flags])
        );
        Assert.Single(report.Differences, difference => difference.Kind == DifferenceKind.Content);
        Assert.Contains($"{More} further differences (other flags) are counted but not listed.", report.Notices);
        Assert.False(verified.Identical);
        Assert.Equal(
            (Listed, Listed + More),
            (
                verified.Differences.Count(difference => difference.Kind == DifferenceKind.Flags),
                verified.Folders.Sum(folder => folder.FlagsDiffer)
            )
        );
        Assert.Single(verified.Differences, difference => difference.Kind == DifferenceKind.Content);
        Assert.Contains($"{More} further differences (other flags) are counted but not listed.", verified.Notices);
    }

    [Fact]
    public async Task Ten_thousand_other_flags_hide_no_message_that_a_backup_misses()
    {
        var archive = await MemoryArchive.CreateAsync(encrypted: false);
        var mailbox = new MemoryMailSource();
        // Two folders, so that the limit is one of the report.
        foreach (var path in new[] { "INBOX", "Sent" })
        {
            var folder = mailbox.Add(path);
            for (var number = 0; number < (Listed / 2) + More; number++)
                folder.Add(Letter(number, 10));
        }
        await archive.BackUpAllAsync(mailbox);
        foreach (var folder in mailbox.Folders)
        {
            foreach (var message in folder.Messages.Values.ToList())
                folder.Messages[message.Uid] = message with { Flags = FlagSet.Parse("\\Flagged") };
        }
        mailbox.Folders[1].Add(Letter(77, 10));
        var opened = await archive.OpenAsync();
        var snapshot = await opened.ReadAsync((await archive.SnapshotsAsync())[^1], Stop);

        var verified = await new BackupVerification(
            new Transfer("backup", MemoryArchive.Account, opened.Location, FolderRules.All, RunOptions.Default),
            (_, _) => Task.FromResult<IMailSource>(mailbox.Session()),
            opened,
            snapshot,
            TimeProvider.System,
            NullLogger.Instance
        ).RunAsync(new RunProgress(), Stop);

        Assert.False(verified.Identical);
        Assert.Equal(
            (Listed, Listed + (2 * More)),
            (
                verified.Differences.Count(difference => difference.Kind == DifferenceKind.Flags),
                verified.DifferenceCounts[DifferenceKind.Flags]
            )
        );
        Assert.Equal(
            (1, 1),
            (
                verified.Differences.Count(difference => difference.Kind == DifferenceKind.Missing),
                verified.DifferenceCounts[DifferenceKind.Missing]
            )
        );
        Assert.Contains($"{2 * More} further differences (other flags) are counted but not listed.", verified.Notices);
    }

    [Fact]
    public async Task A_backup_lists_so_many_failures_and_its_snapshot_names_all()
    {
        var archive = await MemoryArchive.CreateAsync(encrypted: false);
        var mailbox = new MemoryMailSource();
        var inbox = mailbox.Add("INBOX");
        for (var number = 0; number < Listed + More; number++)
            inbox.Add(Letter(number, 10));
        mailbox.Withheld.UnionWith(inbox.Messages.Keys.Skip(3));

        var report = await archive.BackUpAsync(() => mailbox);
        var opened = await archive.OpenAsync();
        var snapshot = await opened.ReadAsync((await archive.SnapshotsAsync())[^1], Stop);

        Assert.Equal((RunOutcome.Partial, Listed + More - 3L), (report.Outcome, report.Total.Failed));
        Assert.Equal(Listed, report.Failures.Count);
        Assert.Contains($"{More - 3} further failures (source-unreadable) are counted but not listed.", report.Notices);
        Assert.Equal(Listed + More - 3, snapshot.Gaps.Count);
    }
}
