using System.Text;
using Migrator.Core.Archives;
using Migrator.Core.Failures;
using Migrator.Core.Folders;
using Migrator.Core.Mail;
using Migrator.Core.Progress;
using Migrator.Tests.Memory;
using Xunit;

namespace Migrator.Tests.Archives;

/// <summary>What is whole in a damaged archive is saved although the mailbox is gone, and nothing is removed because it cannot be
/// read.</summary>
public sealed class SalvageTests
{
    private const int Letters = 40;

    private readonly MemoryMailSource _mailbox = new();

    public static TheoryData<bool> Both => new(false, true);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_pack_whose_first_sector_is_damaged_loses_nothing_but_what_lay_there(bool encrypted)
    {
        var archive = await MakeAsync(encrypted);
        var pack = Packs(archive).Single();
        archive.Store.Blobs[pack].AsSpan(0, 40).Clear();

        // The salt stands at the end, too.
        await archive.NewestShouldEqualAsync(_mailbox);
        Assert.Contains((await archive.CheckAsync()).Problems, problem => problem.Blob == pack);
        var report = await RepairAsync(archive);

        Assert.Empty(report.Lost);
        await archive.NewestShouldEqualAsync(_mailbox);
        await archive.ShouldBeSoundAsync();
        Assert.Contains(pack, archive.Store.Blobs.Keys);
    }

    [Theory]
    [InlineData(false, -3)]
    [InlineData(true, -3)]
    [InlineData(false, -60)]
    [InlineData(true, -60)]
    public async Task A_flipped_bit_at_the_end_of_a_pack_and_a_lost_index_cost_no_message(bool encrypted, int place)
    {
        var archive = await MakeAsync(encrypted);
        var pack = Packs(archive).Single();
        archive.Store.Blobs[pack][^-place] ^= 4;
        await LoseIndexAsync(archive);

        var report = await RepairAsync(archive);

        Assert.Empty(report.Lost);
        await archive.NewestShouldEqualAsync(_mailbox);
        await archive.ShouldBeSoundAsync();
        Assert.Contains(pack, archive.Store.Blobs.Keys);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Behind_a_damaged_place_the_next_message_is_found(bool encrypted)
    {
        var lost = 0;
        for (var damage = 100; damage < 4000; damage += 97)
        {
            var archive = await MakeAsync(encrypted);
            var pack = Packs(archive).Single();
            var bytes = archive.Store.Blobs[pack];
            // A sector that is lost, its lengths included, and the footer with its trailer.
            bytes.AsSpan(damage, 64).Fill(0x5A);
            await archive.Store.ReplaceAsync(pack, bytes.AsMemory(0, bytes.Length - 60), Stop);
            await LoseIndexAsync(archive);

            var report = await RepairAsync(archive);

            Assert.InRange(report.Lost.Count, 0, 3);
            lost += report.Lost.Count;
        }
        // Not all of it hit nothing.
        Assert.InRange(lost, 20, 100);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_copy_that_is_whole_serves_wherever_it_lies(bool encrypted)
    {
        var archive = await MemoryArchive.CreateAsync(encrypted);
        Fill();
        // Two runs that did not know of each other.
        var other = archive.Clone();
        await other.BackUpAllAsync(_mailbox);
        await archive.BackUpAllAsync(_mailbox);
        foreach (var (name, bytes) in other.Store.Blobs.Where(blob => !archive.Store.Blobs.ContainsKey(blob.Key)))
            await archive.Store.ReplaceAsync(name, bytes, Stop);
        Assert.Equal(2, Packs(archive).Count);

        // In each of the two, other messages are damaged.
        var damaged = archive.Clone();
        foreach (var (number, pack) in Packs(damaged).Index())
        {
            var bytes = damaged.Store.Blobs[pack];
            bytes[(bytes.Length / 4) + (number * bytes.Length / 3)] ^= 1;
        }
        foreach (var (number, pack) in damaged.Store.Blobs.Keys.Where(name => name.StartsWith("pages/", StringComparison.Ordinal)).Index())
            damaged.Store.Blobs[pack][number == 0 ? 60 : ^100] ^= 1;

        await damaged.NewestShouldEqualAsync(_mailbox);
        Assert.All((await damaged.CheckAsync()).Problems, problem => Assert.Equal(0, problem.TouchedCount));
        // No prune takes the one that is whole.
        await new ArchivePrune(await damaged.OpenAsync(), new RetentionPolicy(1, 0, 0, 0, 0), TimeSpan.Zero).RunAsync(
            dryRun: false,
            _ => { },
            Stop
        );
        await damaged.NewestShouldEqualAsync(_mailbox);
        Assert.Empty((await RepairAsync(damaged)).Lost);
        await damaged.NewestShouldEqualAsync(_mailbox);
        await damaged.ShouldBeSoundAsync();
    }

    [Fact]
    public async Task A_damaged_pack_whose_note_is_lost_is_not_taken_for_stored_mail()
    {
        var archive = await MakeAsync(encrypted: false);
        var pack = Packs(archive).Single();
        archive.Store.Blobs[pack][archive.Store.Blobs[pack].Length / 3] ^= 1;
        await RepairAsync(archive);
        foreach (var note in archive.ControlStore.Blobs.Keys.Where(name => !name.StartsWith("side/", StringComparison.Ordinal)).ToList())
            await archive.ControlStore.DeleteAsync(note, Stop);
        archive.Time.Advance(TimeSpan.FromDays(1));
        _mailbox.Folders[0].Add(Letter(99));

        await archive.BackUpAllAsync(_mailbox);

        await archive.NewestShouldEqualAsync(_mailbox);
    }

    [Fact]
    public async Task What_was_misread_once_is_taken_back_by_the_next_repair()
    {
        var archive = await MakeAsync(encrypted: true);
        var pack = Packs(archive).Single();
        archive.Store.Blobs[pack][archive.Store.Blobs[pack].Length / 3] ^= 1;
        await RepairAsync(archive);
        archive.Store.Blobs[pack][archive.Store.Blobs[pack].Length / 3] ^= 1;

        await RepairAsync(archive);

        Assert.DoesNotContain(archive.ControlStore.Blobs.Keys, name => name.StartsWith("quarantine/", StringComparison.Ordinal));
        await archive.NewestShouldEqualAsync(_mailbox);
        await archive.ShouldBeSoundAsync();
    }

    [Fact]
    public async Task A_mailbox_that_moves_to_another_server_keeps_its_snapshots_and_is_read_again()
    {
        var archive = await MemoryArchive.CreateAsync(encrypted: false);
        var (old, now) = (new MemoryMailSource(), new MemoryMailSource());
        foreach (var (source, number) in new[] { (old, 1), (now, 2) })
        {
            var inbox = source.Add("INBOX");
            inbox.Add(Letter(number));
            inbox.HighestModSeq = 5;
        }
        async Task BackUpAsync(MemoryMailSource source, string account)
        {
            var opened = await archive.OpenAsync();
            var transfer = new Core.Jobs.Transfer("backup", account, opened.Location, FolderRules.All, Core.Jobs.RunOptions.Default)
            {
                Mailbox = "ann",
            };
            await new Core.Backups.Backup(
                transfer,
                (_, _) => Task.FromResult<IMailSource>(source.Session()),
                opened,
                Core.Jobs.SourceDeletionPolicy.Never,
                Directory.CreateTempSubdirectory("spool").FullName,
                archive.Time,
                Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance
            ).RunAsync(new RunProgress(), Stop);
            archive.Time.Advance(TimeSpan.FromDays(1));
        }

        await BackUpAsync(old, "imap://ann@old.example:993");
        await BackUpAsync(now, "imap://ann@new.example:993");

        var names = await archive.SnapshotsAsync("ann");
        Assert.Equal([1L, 2L], names.Select(name => name.Sequence));
        MailboxImage.ShouldEqual(await MailboxImage.TakeAsync(now, Stop), await archive.RestoreAsync(names[1]));
        Assert.Equal("imap://ann@new.example:993", (await (await archive.OpenAsync()).ReadAsync(names[1], Stop)).Account);
    }

    [Fact]
    public async Task A_later_snapshot_that_lacks_something_is_said_where_the_newest_complete_one_is_taken()
    {
        var archive = await MakeAsync(encrypted: false);
        archive.Time.Advance(TimeSpan.FromDays(1));
        _mailbox.Folders[0].Add(Letter(50));
        _mailbox.Withheld.Add(_mailbox.Folders[0].Add(Letter(51)));
        await archive.BackUpAsync(() => _mailbox);
        var opened = await archive.OpenAsync();
        var names = await archive.SnapshotsAsync();

        var taken = await SnapshotChoice.FindAsync(opened, MemoryArchive.Account, null, MailboxMatch.Exact, complete: true, Stop);

        Assert.Equal((names[0], true), (taken.Name, taken.IsOlder));
        Assert.Contains(taken.Warnings, warning => warning.Contains($"--at {names[1].Id}", StringComparison.Ordinal));
        Assert.Equal(
            names[1],
            (await SnapshotChoice.FindAsync(opened, MemoryArchive.Account, null, MailboxMatch.Exact, complete: false, Stop)).Name
        );
        await Assert.ThrowsAsync<StorageException>(() =>
            SnapshotChoice.FindAsync(opened, "ann", null, MailboxMatch.Exact, complete: true, Stop)
        );
    }

    [Fact]
    public async Task Where_little_can_be_read_nothing_is_done_unless_somebody_insists()
    {
        var archive = await MemoryArchive.CreateAsync(encrypted: true);
        var inbox = _mailbox.Add("INBOX");
        for (var night = 0; night < 4; night++)
        {
            inbox.Add(Letter(night));
            await archive.BackUpAllAsync(_mailbox);
            archive.Time.Advance(TimeSpan.FromDays(1));
        }
        foreach (
            var blob in archive
                .Store.Blobs.Where(blob =>
                    !blob.Key.StartsWith("format/", StringComparison.Ordinal) && !blob.Key.StartsWith("keys/", StringComparison.Ordinal)
                )
                .Skip(2)
        )
            blob.Value.AsSpan().Fill(7);
        var before = (archive.Store.Blobs.Keys.ToList(), archive.ControlStore.Blobs.Keys.ToList());

        var failure = await Assert.ThrowsAsync<StorageException>(() => RepairAsync(archive));

        Assert.Equal(Reason.ArchiveDamaged, failure.Reason);
        Assert.Contains("nothing was changed", failure.Message);
        Assert.Equal(
            before,
            (archive.Store.Blobs.Keys.ToList(), archive.ControlStore.Blobs.Keys.ToList()),
            (a, b) => a.Item1.SequenceEqual(b.Item1) && a.Item2.SequenceEqual(b.Item2)
        );
        await new ArchiveRepair(await archive.OpenAsync(), force: true).RunAsync([], _ => { }, Stop);
        await archive.BackUpAllAsync(_mailbox);
        await archive.NewestShouldEqualAsync(_mailbox);
    }

    [Fact]
    public async Task With_leases_in_another_place_nobody_writes_until_that_is_said_to_be_the_place()
    {
        var archive = await MakeAsync(encrypted: false);
        var elsewhere = new MemoryBlobStore(archive.Time);
        var opened = await Archive.OpenAsync(archive.Store, elsewhere, null, archive.Time, Stop);

        var backup = await Assert.ThrowsAsync<StorageException>(() => archive.BackUpAsync(_mailbox.Session, opened: opened));
        var prune = await Assert.ThrowsAsync<StorageException>(() =>
            new ArchivePrune(opened, new RetentionPolicy(1, 0, 0, 0, 0), TimeSpan.Zero).RunAsync(dryRun: false, _ => { }, Stop)
        );

        Assert.Equal((Reason.ArchiveControlStore, Reason.ArchiveControlStore), (backup.Reason, prune.Reason));
        Assert.Empty(elsewhere.Blobs);
        await opened.MarkControlStoreAsync(Stop);
        await archive.BackUpAsync(_mailbox.Session, opened: opened);
    }

    [Fact]
    public async Task A_pack_that_is_removed_under_a_running_backup_is_named_by_no_snapshot()
    {
        var archive = await MakeAsync(encrypted: false);
        var before = archive.Store.Blobs.Keys.Where(name => name.StartsWith("snapshots/", StringComparison.Ordinal)).ToList();
        _mailbox.Folders[0].Add(Letter(77));
        // Somebody whose leases are elsewhere removes what they take for useless, at the last moment.
        archive.Through = store =>
            store == archive.ControlStore
                ? store
                : new FaultyBlobStore(
                    store,
                    new Faults(0)
                    {
                        Before = async what =>
                        {
                            if (!what.StartsWith("commit index/", StringComparison.Ordinal))
                                return;
                            foreach (var pack in Packs(archive))
                                await archive.Store.DeleteAsync(pack, Stop);
                        },
                    }
                );

        var failure = await Assert.ThrowsAsync<StorageException>(() => archive.BackUpAsync(_mailbox.Session));

        Assert.Equal(Reason.BlobMissing, failure.Reason);
        Assert.Equal(before, archive.Store.Blobs.Keys.Where(name => name.StartsWith("snapshots/", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("anna", "imap://anna%40old.example@mail.example:993")]
    [InlineData("ANNA@old.example", "imap://anna%40old.example@mail.example:993")]
    [InlineData("joanna", "imap://joanna%40old.example@mail.example:993")]
    [InlineData("imap://joanna%40old.example@mail.example:993", "imap://joanna%40old.example@mail.example:993")]
    [InlineData("ann", null)]
    [InlineData("old.example", null)]
    public async Task Mail_is_returned_from_the_mailbox_that_is_named_and_of_no_other(string name, string? mailbox)
    {
        var archive = await MemoryArchive.CreateAsync(encrypted: false);
        _mailbox.Add("INBOX").Add(Letter(1));
        foreach (var account in new[] { "imap://joanna%40old.example@mail.example:993", "imap://anna%40old.example@mail.example:993" })
            await archive.BackUpAsync(_mailbox.Session, account);
        var opened = await archive.OpenAsync();

        if (mailbox is null)
            Assert.Equal(
                Reason.SnapshotMissing,
                (
                    await Assert.ThrowsAsync<StorageException>(() =>
                        SnapshotChoice.FindAsync(opened, name, null, MailboxMatch.Name, complete: true, Stop)
                    )
                ).Reason
            );
        else
            Assert.Equal(
                mailbox,
                (await SnapshotChoice.FindAsync(opened, name, null, MailboxMatch.Name, complete: true, Stop)).Snapshot.Mailbox
            );
    }

    private static List<string> Packs(MemoryArchive archive) =>
        [.. archive.Store.Blobs.Keys.Where(name => name.StartsWith("packs/", StringComparison.Ordinal))];

    private static byte[] Letter(int number) =>
        Encoding.ASCII.GetBytes(
            $"Subject: {number}\r\n\r\nLetter {number} "
                + $"{string.Concat(Enumerable.Range(0, 12).Select(part => (part * 7919 * (number + 3)) % 100_003))}\r\n"
        );

    private static async Task<RepairReport> RepairAsync(MemoryArchive archive) =>
        await new ArchiveRepair(await archive.OpenAsync()).RunAsync([], _ => { }, Stop);

    private void Fill()
    {
        var inbox = _mailbox.Folders.Count > 0 ? _mailbox.Folders[0] : _mailbox.Add("INBOX");
        for (var number = inbox.Messages.Count; number < Letters; number++)
            inbox.Add(Letter(number));
    }

    private static async Task LoseIndexAsync(MemoryArchive archive)
    {
        foreach (var index in archive.Store.Blobs.Keys.Where(name => name.StartsWith("index/", StringComparison.Ordinal)).ToList())
            await archive.Store.DeleteAsync(index, Stop);
    }

    private async Task<MemoryArchive> MakeAsync(bool encrypted)
    {
        Fill();
        var archive = await MemoryArchive.CreateAsync(encrypted);
        await archive.BackUpAllAsync(_mailbox);
        return archive;
    }
}
