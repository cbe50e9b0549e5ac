using Migrator.Core.Archives;
using Migrator.Core.Failures;
using Migrator.Tests.Memory;
using Xunit;

namespace Migrator.Tests.Archives;

/// <summary>Readers, backups and prunes side by side.</summary>
public sealed class ReaderLeaseTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Readers_and_backups_do_not_wait_for_one_another_and_only_one_prunes()
    {
        var opened = await (await MemoryArchive.CreateAsync(encrypted: true)).OpenAsync();
        await using var reader = await AcquireAsync(opened, LeaseScope.Reading);
        await using var other = await AcquireAsync(opened, LeaseScope.Reading);
        await using var backup = await AcquireAsync(opened, LeaseScope.Of("ann"));
        await using var prune = await AcquireAsync(opened, LeaseScope.Upkeep);

        foreach (var scope in new[] { LeaseScope.Upkeep, LeaseScope.Of("ann"), LeaseScope.All })
            Assert.Equal(Reason.ArchiveInUse, (await Assert.ThrowsAsync<StorageException>(() => AcquireAsync(opened, scope))).Reason);
    }

    [Fact]
    public async Task Who_would_be_waited_for_is_known_without_a_lease_of_ones_own()
    {
        var opened = await (await MemoryArchive.CreateAsync(encrypted: true)).OpenAsync();
        Assert.Null(await ArchiveLease.InTheWayAsync(opened, LeaseScope.Of("ann"), Stop));
        await using (await AcquireAsync(opened, LeaseScope.Of("ann")))
        {
            Assert.Contains("is in use: test, by ", await ArchiveLease.InTheWayAsync(opened, LeaseScope.Of("ann"), Stop));
            Assert.Null(await ArchiveLease.InTheWayAsync(opened, LeaseScope.Of("bob"), Stop));
            // A look leaves nothing behind that others would wait for.
            await using var other = await AcquireAsync(opened, LeaseScope.Of("bob"));
        }

        Assert.Null(await ArchiveLease.InTheWayAsync(opened, LeaseScope.All, Stop));
    }

    [Fact]
    public async Task A_prune_removes_nothing_while_somebody_reads_and_gets_its_turn()
    {
        var clock = new SteppingClock(MemoryArchive.Epoch);
        var archive = await MemoryArchive.CreateAsync(encrypted: false, clock);
        archive.Clock = clock;
        var mailbox = new MemoryMailSource();
        var inbox = mailbox.Add("INBOX");
        inbox.Add("Subject: one\r\n\r\n"u8.ToArray());
        await archive.BackUpAllAsync(mailbox);
        inbox.Messages.Clear();
        inbox.Add("Subject: two\r\n\r\n"u8.ToArray(), uid: 2);
        await archive.BackUpAllAsync(mailbox);
        var opened = await archive.OpenAsync();
        var reader = await AcquireAsync(opened, LeaseScope.Reading);
        var before = archive.Store.Blobs.Keys.ToHashSet();
        var (waited, intact, refused) = (0, true, (Reason?)null);
        clock.Meanwhile = async () =>
        {
            intact = intact && before.IsSubsetOf(archive.Store.Blobs.Keys);
            if (waited++ > 0)
            {
                await reader.DisposeAsync();
                return;
            }
            try
            {
                await (await AcquireAsync(opened, LeaseScope.Reading)).DisposeAsync();
            }
            catch (StorageException exception)
            {
                refused = exception.Reason;
            }
        };

        var report = await new ArchivePrune(await archive.OpenAsync(), new RetentionPolicy(1, 0, 0, 0, 0), TimeSpan.Zero).RunAsync(
            dryRun: false,
            _ => { },
            Stop
        );

        Assert.True(intact && waited >= 2);
        // Whoever comes while it waits does so too: else a busy archive would never be pruned.
        Assert.Equal(Reason.ArchiveInUse, refused);
        Assert.Equal(1, report.Dropped);
        Assert.NotEmpty(before.Except(archive.Store.Blobs.Keys));
        await archive.ShouldBeSoundAsync();
    }

    [Fact]
    public async Task An_archive_without_its_side_can_be_read()
    {
        var archive = await MemoryArchive.CreateAsync(encrypted: false);
        foreach (var name in archive.ControlStore.Blobs.Keys.ToList())
            await archive.ControlStore.DeleteAsync(name, Stop);
        var reported = new List<string>();

        await using var lease = await ArchiveLease.ReadingAsync(await archive.OpenAsync(), "restore", reported.Add, Stop);

        Assert.Null(lease);
        Assert.Contains("No lease could be acquired", Assert.Single(reported));
    }

    private static Task<ArchiveLease> AcquireAsync(Archive archive, LeaseScope scope) =>
        ArchiveLease.AcquireAsync(archive, "test", scope, TimeSpan.Zero, _ => { }, Stop);
}
