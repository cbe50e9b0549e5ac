using Migrator.Core.Archives;
using Migrator.Core.Mail;
using Migrator.Tests.Memory;
using Xunit;

namespace Migrator.Tests.Archives;

/// <summary>An archive, and what is about to be done to it.</summary>
/// <param name="Mailbox">As it is now.</param>
/// <param name="Kept">Snapshots that have to outlast whatever happens, by name, with what they hold.</param>
/// <param name="Run">What is about to be done.</param>
internal sealed record ArchiveScenario(
    MemoryArchive Archive,
    MemoryMailSource Mailbox,
    IReadOnlyDictionary<SnapshotName, IReadOnlyList<string>> Kept,
    Func<MemoryArchive, Task> Run
)
{
    private static readonly RetentionPolicy s_last = new(1, 0, 0, 0, 0),
        s_all = new(100, 0, 0, 0, 0);

    public static IReadOnlyList<string> Names { get; } = ["first backup", "later backup", "prune", "merge", "repair", "restore"];

    public static async Task<ArchiveScenario> OfAsync(string name, bool encrypted)
    {
        var archive = await MemoryArchive.CreateAsync(encrypted);
        // More than 2 MiB goes through the spool: once is enough.
        var mailbox = NewMailbox(name == "first backup" ? (2 << 20) + 12345 : (1 << 20) + 12345);
        if (name == "first backup")
            return new ArchiveScenario(archive, mailbox, await KeptAsync(archive), later => later.BackUpAllAsync(mailbox));
        await archive.BackUpAllAsync(mailbox);
        if (name == "later backup")
        {
            var kept = await KeptAsync(archive);
            Change(mailbox);
            archive.Time.Advance(TimeSpan.FromDays(1));
            return new ArchiveScenario(archive, mailbox, kept, later => later.BackUpAllAsync(mailbox));
        }
        archive.Time.Advance(TimeSpan.FromDays(1));
        Change(mailbox);
        await archive.BackUpAllAsync(mailbox);
        if (name == "prune")
        {
            archive.Time.Advance(TimeSpan.FromDays(1));
            mailbox.Folders.RemoveAll(folder => folder.Path == FolderPath.Parse("Old"));
            await archive.BackUpAllAsync(mailbox);
            archive.Time.Advance(TimeSpan.FromDays(40));
            return new ArchiveScenario(
                archive,
                mailbox,
                await KeptAsync(archive, last: 1),
                async later =>
                {
                    var report = await new ArchivePrune(await later.OpenAsync(), s_last, TimeSpan.Zero).RunAsync(
                        dryRun: false,
                        _ => { },
                        TestContext.Current.CancellationToken
                    );
                    Assert.Empty(report.Held);
                    Assert.Equal(1, report.Kept);
                }
            );
        }
        if (name == "merge")
        {
            for (var night = 0; night < 3; night++)
            {
                archive.Time.Advance(TimeSpan.FromDays(1));
                mailbox.Folders[0].Add(System.Text.Encoding.ASCII.GetBytes($"Subject: night {night}\r\n\r\nSmall.\r\n"));
                await archive.BackUpAllAsync(mailbox);
            }
            archive.Time.Advance(TimeSpan.FromDays(1));
            return new ArchiveScenario(
                archive,
                mailbox,
                await KeptAsync(archive),
                async later =>
                    await new ArchivePrune(await later.OpenAsync(), s_all, TimeSpan.Zero).RunAsync(
                        dryRun: false,
                        _ => { },
                        TestContext.Current.CancellationToken
                    )
            );
        }
        var all = await KeptAsync(archive);
        if (name == "repair")
        {
            await archive.Store.DeleteAsync(
                archive.Store.Blobs.Keys.First(blob => blob.StartsWith("index/", StringComparison.Ordinal)),
                default
            );
            return new ArchiveScenario(
                archive,
                mailbox,
                all,
                async later =>
                {
                    var report = await new ArchiveRepair(await later.OpenAsync()).RunAsync(
                        [],
                        _ => { },
                        TestContext.Current.CancellationToken
                    );
                    Assert.Empty(report.Lost);
                }
            );
        }
        return new ArchiveScenario(
            archive,
            mailbox,
            all,
            async later =>
            {
                foreach (var (snapshot, picture) in all)
                    MailboxImage.ShouldEqual(picture, await later.RestoreAsync(snapshot));
            }
        );
    }

    /// <summary>What has to hold of an archive that a run was cut short in, and after the same run has been done again.</summary>
    /// <param name="mends">The archive was damaged before, and the run was to mend it.</param>
    public async Task ShouldHoldAsync(MemoryArchive left, bool mends = false)
    {
        if (!mends)
            await KeptShouldRestoreAsync(left);
        await Run(left);
        await KeptShouldRestoreAsync(left);
        await left.NewestShouldEqualAsync(Mailbox);
        await left.BackUpAllAsync(Mailbox);
        await left.ShouldBeSoundAsync();
        await left.NewestShouldEqualAsync(Mailbox);
    }

    private async Task KeptShouldRestoreAsync(MemoryArchive left)
    {
        await left.ShouldBeSoundAsync();
        foreach (var (snapshot, picture) in Kept)
            MailboxImage.ShouldEqual(picture, await left.RestoreAsync(snapshot));
    }

    private static async Task<Dictionary<SnapshotName, IReadOnlyList<string>>> KeptAsync(MemoryArchive archive, int last = int.MaxValue)
    {
        var kept = new Dictionary<SnapshotName, IReadOnlyList<string>>();
        foreach (var snapshot in (await archive.SnapshotsAsync()).TakeLast(last))
            kept.Add(snapshot, await archive.RestoreAsync(snapshot));
        return kept;
    }

    private static MemoryMailSource NewMailbox(int most)
    {
        var (mailbox, random) = (new MemoryMailSource(), new Random(7));
        var date = new DateTimeOffset(2020, 2, 29, 23, 59, 59, TimeSpan.FromMinutes(-210));
        var inbox = mailbox.Add("INBOX", SpecialUse.Inbox);
        inbox.Add("Subject: one\r\n\r\nOnce.\r\n"u8.ToArray(), "\\Seen", date);
        inbox.Add("Subject: two\r\n\r\nTwice.\r\n"u8.ToArray(), "", date);
        inbox.Add("Subject: two\r\n\r\nTwice.\r\n"u8.ToArray(), "\\Flagged $Label1", date.AddDays(1));
        inbox.Add([]);
        var large = new byte[most];
        random.NextBytes(large);
        var sent = mailbox.Add("Sent", SpecialUse.Sent, uidValidity: 77);
        sent.Add(large[..(most / 2)], "\\Seen", date);
        sent.Add("Subject: two\r\n\r\nTwice.\r\n"u8.ToArray(), "\\Seen", date);
        mailbox.Add("Lists", selectable: false, subscribed: false);
        var old = mailbox.Add("Old", subscribed: false, uidValidity: 5);
        old.Add(large, "\\Answered", date);
        old.Add("Subject: old\r\n\r\nOld.\r\n"u8.ToArray());
        mailbox.Add("Empty", SpecialUse.Trash);
        mailbox.Add("Renumbered").Add("Subject: r\r\n\r\nStays.\r\n"u8.ToArray());
        return mailbox;
    }

    /// <summary>New, deleted, moved, other flags, another UIDVALIDITY, another folder.</summary>
    private static void Change(MemoryMailSource mailbox)
    {
        MemoryMailSource.Folder Folder(string path) => mailbox.Folders.Single(folder => folder.Path == FolderPath.Parse(path));
        var (inbox, old) = (Folder("INBOX"), Folder("Old"));
        inbox.Messages[1] = inbox.Messages[1] with { Flags = FlagSet.Parse("\\Seen \\Answered $Forwarded") };
        inbox.Messages.Remove(2);
        Folder("Empty").Add("Subject: two\r\n\r\nTwice.\r\n"u8.ToArray());
        inbox.Add("Subject: new\r\n\r\nNew.\r\n"u8.ToArray(), date: DateTimeOffset.UnixEpoch.AddYears(50));
        old.Messages.Remove(2);
        old.Add("Subject: newer\r\n\r\nNewer.\r\n"u8.ToArray(), uid: 9);
        var renumbered = Folder("Renumbered");
        mailbox.Folders.Remove(renumbered);
        var again = mailbox.Add("Renumbered", uidValidity: 2);
        again.Add("Subject: other\r\n\r\nOther.\r\n"u8.ToArray());
        again.Add(renumbered.Messages[1].Bytes, "\\Seen");
        mailbox.Add("Fresh/Inside", SpecialUse.Archive);
    }
}
