using Migrator.Core.Archives;
using Migrator.Core.Blobs;
using Migrator.Core.Failures;
using Migrator.Core.Mail;
using Migrator.Tests.Memory;
using Xunit;

namespace Migrator.Tests.Archives;

/// <summary>A store that lets nothing go before its time.</summary>
public sealed class HeldCopyTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pruning_after_a_repair_keeps_the_copy_that_is_whole()
    {
        // Which of two copies of an object comes first is a matter of names, that are others each time.
        for (var round = 0; round < 6; round++)
        {
            var damaged = await Damaged.MakeAsync(encrypted: round % 2 == 0);
            var archive = damaged.Archive;
            var pack = await Damaged.NewestAsync(archive, "packs/");
            archive.Store.Blobs[pack][archive.Store.Blobs[pack].Length / 3] ^= 4;
            archive.Through = Held;
            await new ArchiveRepair(await archive.OpenAsync()).RunAsync(
                [new RepairSource(MemoryArchive.Account, _ => Task.FromResult<IMailSource>(damaged.Mailbox.Session()))],
                _ => { },
                Stop
            );
            Assert.Contains(pack, archive.Store.Blobs.Keys);
            await ShouldRestoreAsync(damaged);
            archive.Time.Advance(TimeSpan.FromDays(40));

            // The hold on everything but the damaged pack and what lists it has ended.
            archive.Through = store => store;
            await new ArchivePrune(await archive.OpenAsync(), new RetentionPolicy(100, 0, 0, 0, 0), TimeSpan.Zero, setAside: true).RunAsync(
                dryRun: false,
                _ => { },
                Stop
            );

            await ShouldRestoreAsync(damaged);
            await archive.ShouldBeSoundAsync();
            Assert.DoesNotContain(pack, archive.Store.Blobs.Keys);
        }
    }

    private static async Task ShouldRestoreAsync(Damaged damaged)
    {
        foreach (var (name, picture) in damaged.Snapshots)
            MailboxImage.ShouldEqual(picture, await damaged.Archive.RestoreAsync(name));
    }

    private static IBlobStore Held(IBlobStore store) =>
        new FaultyBlobStore(
            store,
            new Faults(0)
            {
                Before = what =>
                    what.StartsWith("delete packs/", StringComparison.Ordinal) || what.StartsWith("delete index/", StringComparison.Ordinal)
                        ? throw new StorageException(Reason.BlobImmutable, $"{what}: held.")
                        : Task.CompletedTask,
            }
        );
}
