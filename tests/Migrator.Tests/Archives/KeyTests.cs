using Migrator.Core.Archives;
using Migrator.Core.Failures;
using Migrator.Tests.Memory;
using Xunit;

namespace Migrator.Tests.Archives;

/// <summary>Several keys for one archive.</summary>
public sealed class KeyTests
{
    private readonly MemoryBlobStore _store = new(),
        _controlStore = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Any_key_opens_the_archive_until_it_is_removed_and_the_last_one_stays()
    {
        var (first, file, recovery) = (
            Passphrase("first"),
            SecretKeyWrapper.OfKeyFile([.. Enumerable.Repeat((byte)7, 40)]),
            RecoveryKey.Create()
        );
        await Archive.CreateAsync(_store, _controlStore, first, 0, TimeProvider.System, Stop);
        var keys = new ArchiveKeyRecords(await OpenAsync(first));
        var used = Assert.Single(await keys.ListAsync(Stop));
        await keys.AddAsync(file, Stop);
        await keys.AddAsync(
            SecretKeyWrapper.OfRecoveryKey(RecoveryKey.Parse(recovery.ToString().ToLowerInvariant().Replace("-", " "))),
            Stop
        );

        Assert.True(used.Used);
        Assert.Equal(["keyFile", "passphrase", "recovery"], (await keys.ListAsync(Stop)).Select(key => key.Kind).Order());
        await keys.RemoveAsync(used.Id, _ => { }, Stop);
        Assert.Equal(Reason.ArchiveKey, (await Assert.ThrowsAsync<StorageException>(() => OpenAsync(first))).Reason);
        foreach (var key in new[] { file, SecretKeyWrapper.OfRecoveryKey(recovery) })
            await OpenAsync(key);
        keys = new ArchiveKeyRecords(await OpenAsync(file));
        await keys.RemoveAsync((await keys.ListAsync(Stop)).Single(key => !key.Used).Id, _ => { }, Stop);
        var last = await Assert.ThrowsAsync<StorageException>(async () =>
            await keys.RemoveAsync((await keys.ListAsync(Stop)).Single().Id, _ => { }, Stop)
        );

        Assert.Equal(Reason.ArchiveKeyRemoval, last.Reason);
        Assert.Contains("is the only key", last.Message);
        await OpenAsync(file);
    }

    [Fact]
    public async Task A_key_that_is_not_there_or_is_not_one_removes_nothing()
    {
        var first = Passphrase("first");
        await Archive.CreateAsync(_store, _controlStore, first, 0, TimeProvider.System, Stop);
        var keys = new ArchiveKeyRecords(await OpenAsync(first));
        await keys.AddAsync(Passphrase("second"), Stop);
        var before = _store.Blobs.Keys.ToList();

        foreach (var id in new[] { "", "zz", "*" })
            Assert.Equal(
                Reason.ArchiveKeyRemoval,
                (await Assert.ThrowsAsync<StorageException>(() => keys.RemoveAsync(id, _ => { }, Stop))).Reason
            );

        Assert.Equal(before, _store.Blobs.Keys);
    }

    [Fact]
    public async Task An_archive_without_encryption_gets_no_key()
    {
        var archive = await MemoryArchive.CreateAsync(encrypted: false);
        var before = archive.Store.Blobs.Keys.ToList();

        await Assert.ThrowsAsync<StorageException>(async () =>
            await new ArchiveKeyRecords(await archive.OpenAsync()).AddAsync(Passphrase("any"), Stop)
        );

        Assert.Equal(before, archive.Store.Blobs.Keys);
    }

    [Fact]
    public void A_recovery_key_survives_being_written_down_and_a_wrong_letter_is_noticed()
    {
        for (var round = 0; round < 50; round++)
        {
            var text = RecoveryKey.Create().ToString();
            Assert.Equal(text, RecoveryKey.Parse($" {text.ToLowerInvariant().Replace("0", "o").Replace("1", "l")}\n").ToString());
            var place = (round * 5 % 55) is var at && text[at] == '-' ? at + 1 : at;
            var wrong = text[..place] + (text[place] == 'A' ? 'B' : 'A') + text[(place + 1)..];
            Assert.Throws<FormatException>(() => RecoveryKey.Parse(wrong));
            Assert.Throws<FormatException>(() => RecoveryKey.Parse(text[..^3]));
        }
        Assert.DoesNotContain("secret", Assert.Throws<FormatException>(() => RecoveryKey.Parse("secret!")).Message);
    }

    private static SecretKeyWrapper Passphrase(string words) => SecretKeyWrapper.OfPassphrase(words, KeyDerivation.Pbkdf2Sha512);

    [Fact]
    public async Task An_archive_without_encryption_has_no_keys_to_change()
    {
        await Archive.CreateAsync(_store, _controlStore, null, 0, TimeProvider.System, Stop);
        var keys = new ArchiveKeyRecords(await Archive.OpenAsync(_store, _controlStore, null, TimeProvider.System, Stop));
        var before = _store.Blobs.Keys.ToList();

        foreach (
            var change in new Func<Task>[]
            {
                () => keys.AddAsync(Passphrase("first"), Stop),
                () => keys.RemoveAsync("0", _ => { }, Stop),
                () => keys.RotateAsync(Passphrase("first"), _ => { }, Stop),
            }
        )
            Assert.Equal(Reason.ArchiveNotEncrypted, (await Assert.ThrowsAsync<StorageException>(change)).Reason);

        Assert.Equal(before, _store.Blobs.Keys);
    }

    private Task<Archive> OpenAsync(IKeyWrapper key) => Archive.OpenAsync(_store, _controlStore, key, TimeProvider.System, Stop);
}
