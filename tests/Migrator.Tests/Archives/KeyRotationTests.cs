using Migrator.Core.Archives;
using Migrator.Core.Failures;
using Migrator.Core.Reports;
using Migrator.Tests.Memory;
using Xunit;

namespace Migrator.Tests.Archives;

/// <summary>After a rotation, a holder of an earlier key can read nothing that is written, and the archive is one all the same.</summary>
public sealed class KeyRotationTests : IAsyncLifetime
{
    private static readonly SecretKeyWrapper s_first = KeyFile(1),
        s_second = KeyFile(2);

    private readonly MemoryBlobStore _store = new(),
        _controlStore = new();
    private readonly MemoryMailSource _mailbox = new();
    private readonly SeenMemory _memory = new();
    private MemoryArchive _runs = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await Archive.CreateAsync(_store, _controlStore, s_first, 0, TimeProvider.System, Stop);
        await new ArchiveKeyRecords(await OpenAsync(s_first)).AddAsync(s_second, Stop);
        _runs = await MemoryArchive.CreateAsync(encrypted: false);
        _mailbox.Add("INBOX").Add("Subject: before\r\n\r\n"u8.ToArray());
        await BackUpAsync(await OpenAsync(s_first));
    }

    public ValueTask DisposeAsync() => default;

    [Fact]
    public async Task Both_generations_are_one_archive_and_other_keys_must_be_added_again()
    {
        var (key, removed) = await RotateAsync();
        _mailbox.Folders[0].Add("Subject: after\r\n\r\n"u8.ToArray());
        await BackUpAsync(await OpenAsync(s_first));

        Assert.Equal(1, key.Generation);
        Assert.Equal("keyFile", Assert.Single(removed).Kind);
        Assert.Equal(Reason.ArchiveKey, (await Assert.ThrowsAsync<StorageException>(() => OpenAsync(s_second))).Reason);
        await new ArchiveKeyRecords(await OpenAsync(s_first)).AddAsync(s_second, Stop);
        foreach (var wrapper in new[] { s_first, s_second })
        {
            var archive = await OpenAsync(wrapper);
            foreach (var name in await archive.SnapshotsAsync(null, Stop))
                await _runs.RestoreAsync(name, archive);
            MailboxImage.ShouldEqual(
                await MailboxImage.TakeAsync(_mailbox, Stop),
                await _runs.RestoreAsync((await archive.SnapshotsAsync(null, Stop))[^1], archive)
            );
            Assert.Empty((await new ArchiveCheck(archive, 1).RunAsync(_ => { }, Stop)).Problems);
        }
    }

    [Fact]
    public async Task Who_kept_an_earlier_master_key_can_read_nothing_that_is_written_after_it()
    {
        var before = _store.Clone();
        await RotateAsync();
        _mailbox.Folders[0].Add("Subject: after\r\n\r\n"u8.ToArray());
        await BackUpAsync(await OpenAsync(s_first));

        // The records of before, and all that was written since.
        foreach (var (name, bytes) in _store.Blobs.Where(blob => !blob.Key.StartsWith("keys/", StringComparison.Ordinal)))
            await before.ReplaceAsync(name, bytes, Stop);
        var archive = await Archive.OpenAsync(before, _controlStore, s_second, TimeProvider.System, Stop);
        var names = await archive.SnapshotsAsync(null, Stop);
        await archive.ReadAsync(names[0], Stop);
        Assert.Equal(Reason.ArchiveDamaged, (await Assert.ThrowsAsync<StorageException>(() => archive.ReadAsync(names[1], Stop))).Reason);
    }

    [Fact]
    public async Task A_machine_that_has_seen_the_new_key_notices_that_the_old_one_was_put_back()
    {
        var before = _store.Clone();
        await RotateAsync();
        await (await OpenAsync(s_first)).RememberAsync(_memory, Stop);

        var back = await Archive.OpenAsync(before, _controlStore, s_first, TimeProvider.System, Stop);

        Assert.Equal(Reason.ArchiveSuspect, (await Assert.ThrowsAsync<StorageException>(() => back.RememberAsync(_memory, Stop))).Reason);
    }

    [Fact]
    public async Task A_process_that_has_the_archive_open_writes_nothing_by_the_earlier_key()
    {
        var open = await OpenAsync(s_first);
        await RotateAsync();
        var before = _store.Blobs.Keys.ToHashSet();
        _mailbox.Folders[0].Add("Subject: after\r\n\r\n"u8.ToArray());

        Assert.True(await open.IsRotatedAsync(Stop));
        Assert.Equal(Reason.ArchiveInUse, (await Assert.ThrowsAsync<StorageException>(() => BackUpAsync(open))).Reason);

        Assert.Equal(before, _store.Blobs.Keys.ToHashSet());
        Assert.DoesNotContain(_controlStore.Blobs.Keys, name => name.StartsWith("leases/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Another_key_than_the_one_that_opened_it_rotates_nothing()
    {
        var before = _store.Blobs.Keys.ToHashSet();

        var refused = await Assert.ThrowsAsync<StorageException>(async () =>
            await new ArchiveKeyRecords(await OpenAsync(s_first)).RotateAsync(KeyFile(9), _ => { }, Stop)
        );

        Assert.Equal(Reason.ArchiveKey, refused.Reason);
        Assert.Equal(before, _store.Blobs.Keys.ToHashSet());
    }

    [Fact]
    public async Task A_rotation_that_is_cut_short_leaves_an_archive_that_a_key_opens()
    {
        // Each request to the store may be the last one.
        for (var (request, done) = (1, false); !done; request++)
        {
            var (store, controlStore) = (_store.Clone(), _controlStore.Clone());
            var faults = new Faults(request);
            var faulty = new FaultyBlobStore(store, faults);
            try
            {
                await new ArchiveKeyRecords(await Archive.OpenAsync(faulty, controlStore, s_first, TimeProvider.System, Stop)).RotateAsync(
                    s_first,
                    _ => { },
                    Stop
                );
                done = faults.Hit is null;
            }
            catch (StorageException)
            {
                Assert.NotNull(faults.Hit);
            }
            var archive = await Archive.OpenAsync(store, controlStore, s_first, TimeProvider.System, Stop);
            await _runs.RestoreAsync((await archive.SnapshotsAsync(null, Stop))[^1], archive);
        }
    }

    private static SecretKeyWrapper KeyFile(byte value) => SecretKeyWrapper.OfKeyFile([.. Enumerable.Repeat(value, 40)]);

    private Task<Archive> OpenAsync(IKeyWrapper key) => Archive.OpenAsync(_store, _controlStore, key, TimeProvider.System, Stop);

    private async Task<(ArchiveKey Key, IReadOnlyList<ArchiveKey> Removed)> RotateAsync() =>
        await new ArchiveKeyRecords(await OpenAsync(s_first)).RotateAsync(s_first, _ => { }, Stop);

    private async Task BackUpAsync(Archive archive) =>
        Assert.Equal(RunOutcome.Complete, (await _runs.BackUpAsync(_mailbox.Session, opened: archive)).Outcome);
}
