using Migrator.Core.Archives;
using Migrator.Core.Failures;
using Migrator.Core.Reports;
using Migrator.Tests.Memory;
using Xunit;
using Xunit.Sdk;

namespace Migrator.Tests.Archives;

/// <summary>A process is stopped at any moment (a virtual machine is moved, a laptop sleeps), others continue without it, and then it wakes
/// up and continues as if nothing had happened.</summary>
public sealed class PausedTests
{
    private static readonly byte[] s_wanted = "Subject: wanted\r\n\r\nGone, and back again.\r\n"u8.ToArray();

    private readonly SteppingClock _clock = new(MemoryArchive.Epoch);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_backup_that_slept_while_others_pruned_names_nothing_that_is_gone(bool encrypted)
    {
        for (var number = 1; ; number++)
        {
            var (archive, mailbox) = await MakeAsync(encrypted);
            // What it brings is in a pack that only an old snapshot needs.
            mailbox.Folders[0].Add(s_wanted);
            if (await PausedAsync(archive, number, () => archive.BackUpAllAsync(mailbox), () => PruneAsync(archive)) is not { } where)
                return;
            await HoldsAsync($"a backup slept before {where}", archive, mailbox);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_prune_that_slept_while_others_backed_up_removes_nothing_that_they_name(bool encrypted)
    {
        for (var number = 1; ; number++)
        {
            var (archive, mailbox) = await MakeAsync(encrypted);
            var where = await PausedAsync(
                archive,
                number,
                () => PruneAsync(archive),
                async () =>
                {
                    mailbox.Folders[0].Add(s_wanted);
                    await archive.BackUpAllAsync(mailbox);
                }
            );
            if (where is null)
                return;
            await HoldsAsync($"a prune slept before {where}", archive, mailbox);
        }
    }

    /// <returns>Before what it slept; null where it had ended before.</returns>
    private async Task<string?> PausedAsync(MemoryArchive archive, int number, Func<Task> run, Func<Task> meanwhile)
    {
        var (count, where) = (0, (string?)null);
        archive.Through = store => new FaultyBlobStore(
            store,
            new Faults(0)
            {
                Before = async what =>
                {
                    if (Interlocked.Increment(ref count) != number)
                        return;
                    where = what;
                    archive.Through = other => other;
                    _clock.Advance(ArchiveLease.Validity);
                    await meanwhile();
                },
            }
        );
        try
        {
            await run();
        }
        catch (StorageException exception)
            when (where is not null && (exception.Reason == Reason.ArchiveInUse || exception.Reason == Reason.BlobMissing))
        {
            // As it should be, where it makes a difference; or it was about to read what is gone.
        }
        archive.Through = store => store;
        return where;
    }

    private async Task HoldsAsync(string when, MemoryArchive archive, MemoryMailSource mailbox)
    {
        try
        {
            // What is in no index is found by the next run, whatever it is about.
            _clock.Advance(TimeSpan.FromHours(1));
            Assert.Equal(RunOutcome.Complete, (await archive.BackUpAsync(new MemoryMailSource().Session, "somebody else")).Outcome);
            await archive.ShouldBeSoundAsync();
            foreach (var name in await archive.SnapshotsAsync())
                Assert.DoesNotContain(await archive.RestoreAsync(name), line => line.Contains("nothing"));
            await archive.BackUpAllAsync(mailbox);
            await archive.NewestShouldEqualAsync(mailbox);
            await PruneAsync(archive);
            await archive.ShouldBeSoundAsync();
            await archive.NewestShouldEqualAsync(mailbox);
            Assert.DoesNotContain(
                archive.ControlStore.Blobs.Keys,
                name => !name.StartsWith("checks/", StringComparison.Ordinal) && !name.StartsWith("side/", StringComparison.Ordinal)
            );
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            throw new XunitException($"When {when}: {exception.Message}", exception);
        }
    }

    /// <summary>An old snapshot that will be dropped, with packs that only it needs, and a newer one.</summary>
    private async Task<(MemoryArchive Archive, MemoryMailSource Mailbox)> MakeAsync(bool encrypted)
    {
        var archive = await MemoryArchive.CreateAsync(encrypted, _clock);
        archive.Clock = _clock;
        var mailbox = new MemoryMailSource();
        var inbox = mailbox.Add("INBOX");
        inbox.Add(s_wanted);
        await archive.BackUpAllAsync(mailbox);
        _clock.Advance(TimeSpan.FromDays(1));
        inbox.LastUid = 1;
        inbox.Messages.Clear();
        inbox.Add("Subject: stays\r\n\r\nStays.\r\n"u8.ToArray());
        await archive.BackUpAllAsync(mailbox);
        _clock.Advance(TimeSpan.FromDays(1));
        return (archive, mailbox);
    }

    private static async Task PruneAsync(MemoryArchive archive) =>
        await new ArchivePrune(await archive.OpenAsync(), new RetentionPolicy(1, 0, 0, 0, 0), TimeSpan.Zero).RunAsync(
            dryRun: false,
            _ => { },
            Stop
        );
}
