using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Migrator.Core.Archives;
using Migrator.Core.Backups;
using Migrator.Core.Folders;
using Migrator.Core.Jobs;
using Migrator.Core.Mail;
using Migrator.Core.Progress;
using Migrator.Core.Reports;
using Migrator.Storage.Archives;
using Migrator.Storage.Blobs.Files;
using Migrator.Tests.Memory;
using Xunit;

namespace Migrator.Tests.Archives;

/// <summary>What is in memory while a folder of a snapshot is open: restore, export and the restore test keep it open to the
/// end.</summary>
[Collection(nameof(Alone))]
public sealed class RetainedMemoryTests
{
    private const int Messages = 30_000;

    // A record of a message takes a hundred bytes, a UID four.
    private const int MostForEach = 32;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_open_folder_takes_a_few_bytes_for_each_message()
    {
        var mailbox = new MemoryMailSource();
        var inbox = mailbox.Add("INBOX");
        for (var number = 1; number <= Messages; number++)
            inbox.Add(Encoding.ASCII.GetBytes($"Subject: {number}\r\n\r\n"), date: DateTimeOffset.UnixEpoch.AddSeconds(number));
        var archive = await MemoryArchive.CreateAsync(encrypted: false);
        await archive.BackUpAllAsync(mailbox);
        var opened = await archive.OpenAsync();
        var snapshot = await opened.ReadAsync((await archive.SnapshotsAsync())[^1], Stop);
        await using var source = await (await ArchiveSource.SessionsAsync(opened, snapshot, Stop))(Stop);

        var before = GC.GetTotalMemory(forceFullCollection: true);
        await source.OpenAsync(FolderPath.Inbox, Stop);
        var taken = GC.GetTotalMemory(forceFullCollection: true) - before;

        var uids = await source.ListUidsAsync(1, Stop);
        Assert.Equal(Messages, uids.Count);
        Assert.True(taken < Messages * MostForEach, $"{taken:N0} bytes");
        // Asked for in any order, each is what it was.
        var some = uids.Chunk(700).Select(chunk => chunk[^1]).Reverse().ToList();
        Assert.Equal(
            some.Order().Select(uid => (uid, inbox.Messages[uid].InternalDate, (long)inbox.Messages[uid].Bytes.Length)),
            (await source.FetchSummariesAsync(some, Stop)).Select(message => (message.Uid, message.InternalDate, message.Size))
        );
    }

    [Fact]
    public void An_index_that_stays_open_retains_nothing_of_a_query()
    {
        const int Queries = 50_000;
        var directory = Directory.CreateTempSubdirectory("index");
        try
        {
            using var index = SqlitePackIndex.Open(Path.Combine(directory.FullName, "index.db"));
            Ask(1000);
            var before = GC.GetTotalMemory(forceFullCollection: true);
            Ask(Queries);
            var taken = GC.GetTotalMemory(forceFullCollection: true) - before;

            Assert.True(taken < Queries * 4, $"{taken:N0} bytes for {5 * Queries:N0} queries");

            void Ask(int times)
            {
                for (var time = 0; time < times; time++)
                    _ = (index.Blobs, index.PacksOf("index/a"), index.Read("packs/a"), index.Totals(BlobKind.Pack), index.Knows("packs/a"));
            }
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Index_blobs_are_merged_with_the_contents_of_one_pack_in_memory()
    {
        var directory = Directory.CreateTempSubdirectory("archive");
        try
        {
            // Buffers that are used again, for anything, are allocated by the first.
            await MergeAsync(Path.Combine(directory.FullName, "first"));
            var (taken, written) = await MergeAsync(Path.Combine(directory.FullName, "second"));
            Assert.True(taken < written * 3 / 2, $"{taken:N0} bytes to write {written:N0}");
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    /// <returns>Bytes that are held when the merged index is written, beyond those of the backup before, and how many it has.</returns>
    private static async Task<(long Taken, long Written)> MergeAsync(string directory)
    {
        // A backup merges small ones where there are more than 32.
        const int Accounts = 34,
            Objects = 600,
            EntryLength = 56;
        var measured = new List<long>();
        await using var store = new FaultyBlobStore(
            new FileBlobStore(Path.Combine(directory, "archive"), TimeProvider.System),
            new Faults(0)
            {
                Before = what =>
                {
                    if (what.StartsWith("commit index/", StringComparison.Ordinal))
                        measured.Add(GC.GetTotalMemory(forceFullCollection: true));
                    return Task.CompletedTask;
                },
            }
        );
        await using var side = new FileBlobStore(Path.Combine(directory, "side"), TimeProvider.System);
        using var index = SqlitePackIndex.Open(Path.Combine(directory, "state", "index.db"));
        await Archive.CreateAsync(store, side, null, 0, TimeProvider.System, Stop);
        var opened = await Archive.OpenAsync(store, side, null, TimeProvider.System, Stop, _ => index);
        var archive = await MemoryArchive.CreateAsync(encrypted: false);
        archive.Clock = TimeProvider.System;
        for (var account = 0; account < Accounts; account++)
        {
            var mailbox = new MemoryMailSource();
            var inbox = mailbox.Add("INBOX");
            for (var number = 0; number < Objects; number++)
                inbox.Add(Encoding.ASCII.GetBytes($"Subject: {account}, {number}\r\n\r\n"));
            var report = await archive.BackUpAsync(mailbox.Session, $"{account}@old.example", opened: opened);
            Assert.Equal(RunOutcome.Complete, report.Outcome);
        }

        // One for each backup, and the merged one.
        Assert.Equal(Accounts + 1, measured.Count);
        return (measured[^1] - measured[^2], Accounts * Objects * EntryLength);
    }

    [Fact]
    public async Task A_backup_of_a_large_folder_holds_a_few_bytes_for_each_message()
    {
        // More than are stored between two snapshots on the way.
        const int Large = 100_000,
            MostForANew = 200,
            MostForAKnown = 24;
        var directory = Directory.CreateTempSubdirectory("archive");
        try
        {
            var (taken, opens) = (0L, 0);
            var archive = await MemoryArchive.CreateAsync(encrypted: false);
            archive.Clock = TimeProvider.System;
            await using var store = new FaultyBlobStore(
                new FileBlobStore(Path.Combine(directory.FullName, "archive"), TimeProvider.System),
                new Faults(0)
                {
                    Before = what =>
                    {
                        if (what.StartsWith("commit snapshots/", StringComparison.Ordinal))
                            taken = GC.GetTotalMemory(forceFullCollection: true);
                        else if (what.StartsWith("open pages/", StringComparison.Ordinal))
                            opens++;
                        return Task.CompletedTask;
                    },
                }
            );
            await using var side = new FileBlobStore(Path.Combine(directory.FullName, "side"), TimeProvider.System);
            using var index = SqlitePackIndex.Open(Path.Combine(directory.FullName, "state", "index.db"));
            await Archive.CreateAsync(store, side, null, 0, TimeProvider.System, Stop);
            var opened = await Archive.OpenAsync(store, side, null, TimeProvider.System, Stop, _ => index);
            var mailbox = new MemoryMailSource();
            var inbox = mailbox.Add("INBOX");
            for (var number = 1; number <= Large; number++)
                inbox.Add(Encoding.ASCII.GetBytes($"Subject: {number}\r\n\r\n"), date: DateTimeOffset.UnixEpoch.AddSeconds(number));

            var first = await TakenAsync();
            Assert.True(first < Large * MostForANew, $"{first:N0} bytes in the first backup");
            opens = 0;
            inbox.Messages[5] = inbox.Messages[5] with { Flags = FlagSet.Parse("\\Seen") };
            inbox.Messages.Remove(50_000);
            inbox.Add("Subject: new\r\n\r\n"u8.ToArray());
            var next = await TakenAsync();
            Assert.True(next < Large * MostForAKnown, $"{next:N0} bytes in the next backup");
            // Each page, and that of its flags, is read once to know what is in it, and once to compare flags, as there are no
            // mod-sequences; to write the snapshot, only where something changed.
            var pages = (await opened.ReadAsync((await opened.SnapshotsAsync(MemoryArchive.Account, Stop))[^1], Stop))
                .Folders.Single()
                .Pages;
            Assert.InRange(opens, 4 * (pages.Count - 1), (4 * pages.Count) + 40);

            async Task<long> TakenAsync()
            {
                var before = GC.GetTotalMemory(forceFullCollection: true);
                var report = await archive.BackUpAsync(mailbox.Session, opened: opened);
                Assert.Equal(RunOutcome.Complete, report.Outcome);
                return taken - before;
            }
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Verify_of_a_backup_holds_no_message_that_was_compared()
    {
        // Behind the 10,000 differences that are listed.
        const int From = 15_000,
            To = 29_000;
        var mailbox = new MemoryMailSource();
        var inbox = mailbox.Add("INBOX");
        for (var number = 1; number <= Messages; number++)
            inbox.Add(Encoding.ASCII.GetBytes($"Subject: {number}\r\n\r\n"));
        var archive = await MemoryArchive.CreateAsync(encrypted: false);
        await archive.BackUpAllAsync(mailbox);
        // Equal, and yet each differs.
        foreach (var message in inbox.Messages.Values.ToList())
            inbox.Messages[message.Uid] = message with { Flags = FlagSet.Parse("\\Seen") };
        var opened = await archive.OpenAsync();
        var (from, to) = (0L, 0L);

        var report = await new BackupVerification(
            new Transfer("verify", MemoryArchive.Account, opened.Location, FolderRules.All, RunOptions.Default),
            (_, _) =>
            {
                var session = mailbox.Session();
                session.BeforeMessage = uid =>
                {
                    if (uid.Value == From)
                        from = GC.GetTotalMemory(forceFullCollection: true);
                    else if (uid.Value == To)
                        to = GC.GetTotalMemory(forceFullCollection: true);
                };
                return Task.FromResult<IMailSource>(session);
            },
            opened,
            await opened.ReadAsync((await archive.SnapshotsAsync())[^1], Stop),
            TimeProvider.System,
            NullLogger.Instance
        ).RunAsync(new RunProgress(), Stop);

        Assert.Equal((Messages, Messages), (report.Folders.Single().Matched, report.Folders.Single().FlagsDiffer));
        Assert.True(to - from < (To - From) * MostForEach, $"{to - from:N0} bytes for {To - From:N0} messages");
    }

    /// <summary>Runs while no other test does: what they take would be counted.</summary>
    [CollectionDefinition(nameof(Alone), DisableParallelization = true)]
    public sealed class Alone;
}
