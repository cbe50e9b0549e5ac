using System.Security.Cryptography;
using System.Text;
using Migrator.Core.Archives;
using Migrator.Core.Failures;
using Migrator.Core.Mail;
using Migrator.Core.Reports;
using Migrator.Tests.Memory;
using Xunit;

namespace Migrator.Tests.Archives;

/// <summary>Somebody who may write to the store and has no key: whatever they do is harmless, or named. Nothing is stored in clear, given
/// to somebody else, or removed because of it.</summary>
public sealed class AttackerTests
{
    private const string Bob = "bob@old.example";
    private const string Secret = "Subject: secret\r\n\r\nNobody may read this.\r\n";

    private readonly MemoryMailSource _ann = new(),
        _bob = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Another_format_record_never_makes_a_backup_store_in_clear()
    {
        var archive = await MakeAsync();
        var format = Only(archive, "format/");
        var plain = Encoding
            .UTF8.GetString(archive.Store.Blobs[format])
            .Split('\n')[0]
            .Replace("aes-256-gcm", "none", StringComparison.Ordinal);
        // Before and behind the true one, by name.
        for (var number = 0; number < 8; number++)
        {
            var attacked = archive.Clone();
            await PutRecordAsync(attacked, "format/", Encoding.UTF8.GetBytes(plain + new string(' ', number)));

            await SuspectAsync(attacked);
            await StaysAsync(attacked);
        }
        var replaced = archive.Clone();
        await replaced.Store.DeleteAsync(format, Stop);
        await PutRecordAsync(replaced, "format/", Encoding.UTF8.GetBytes(plain));
        await SuspectAsync(replaced);

        // Not even where the keys are gone too.
        foreach (var key in replaced.Store.Blobs.Keys.Where(name => name.StartsWith("keys/", StringComparison.Ordinal)).ToList())
            await replaced.Store.DeleteAsync(key, Stop);
        await SuspectAsync(replaced);
    }

    [Theory]
    [InlineData("\"immutableDays\":0", "\"immutableDays\":9")]
    [InlineData("\"version\":1", "\"version\":1 ")]
    [InlineData("\"side\":\"", "\"side\":\"00000000-0000-0000-0000-000000000000\",\"was\":\"")]
    public async Task A_format_record_that_was_changed_is_refused(string from, string to)
    {
        var archive = await MakeAsync();
        var format = Only(archive, "format/");
        var changed = Encoding.UTF8.GetString(archive.Store.Blobs[format]).Replace(from, to, StringComparison.Ordinal);
        await archive.Store.DeleteAsync(format, Stop);
        await PutRecordAsync(archive, "format/", Encoding.UTF8.GetBytes(changed));

        await SuspectAsync(archive);
    }

    [Fact]
    public async Task A_key_of_somebody_elses_is_not_taken()
    {
        var archive = await MakeAsync();
        // Whoever knows the public key of a vault can wrap a key of their own with it; a key file that two archives share comes to the
        // same.
        var wrapper = SecretKeyWrapper.OfKeyFile([.. Enumerable.Range(0, 32).Select(value => (byte)value)]);
        var mine = await wrapper.WrapAsync(RandomNumberGenerator.GetBytes(32), Stop);
        await PutRecordAsync(
            archive,
            "keys/",
            System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(
                mine,
                new System.Text.Json.JsonSerializerOptions(System.Text.Json.JsonSerializerDefaults.Web)
                {
                    DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull,
                }
            )
        );

        await archive.BackUpAllAsync(_ann);
        await archive.NewestShouldEqualAsync(_ann);

        await archive.Store.DeleteAsync(
            archive.Store.Blobs.Keys.First(name =>
                name.StartsWith("keys/", StringComparison.Ordinal)
                && !Encoding
                    .UTF8.GetString(archive.Store.Blobs[name])
                    .Contains(Convert.ToBase64String(mine.Wrapped!), StringComparison.Ordinal)
            ),
            Stop
        );
        await SuspectAsync(archive);
    }

    [Theory]
    [InlineData(
        "{\"kind\":\"passphrase\",\"derivation\":\"argon2id\",\"salt\":\"AAAAAAAAAAAAAAAAAAAAAA==\","
            + "\"iterations\":2147483647,\"memoryKiB\":2147483647,\"wrapped\":\"WRAPPED\"}"
    )]
    [InlineData(
        "{\"kind\":\"passphrase\",\"derivation\":\"pbkdf2-sha512\",\"salt\":\"AAAAAAAAAAAAAAAAAAAAAA==\","
            + "\"iterations\":2147483647,\"wrapped\":\"WRAPPED\"}"
    )]
    [InlineData("{\"kind\":\"passphrase\",\"derivation\":\"argon2id\",\"wrapped\":\"WRAPPED\"}")]
    [InlineData("{\"kind\":\"passphrase\",\"derivation\":\"rot13\",\"wrapped\":\"WRAPPED\"}")]
    [InlineData("{\"kind\":\"passphrase\"}")]
    [InlineData("{}")]
    public async Task A_key_record_that_asks_for_too_much_or_too_little_is_passed_over(string record)
    {
        var (store, controlStore, wrapper) = (
            new MemoryBlobStore(),
            new MemoryBlobStore(),
            SecretKeyWrapper.OfPassphrase("words", KeyDerivation.Pbkdf2Sha512)
        );
        await Archive.CreateAsync(store, controlStore, wrapper, 0, TimeProvider.System, Stop);
        var json = Encoding.UTF8.GetBytes(record.Replace("WRAPPED", Convert.ToBase64String(new byte[60]), StringComparison.Ordinal));
        for (var number = 0; number < 4; number++)
            await PutAsync(
                store,
                $"keys/{ContentId.Of([.. json, .. new string(' ', number).Select(letter => (byte)letter)])}.json",
                [.. json, .. new string(' ', number).Select(letter => (byte)letter)]
            );

        await Archive.OpenAsync(store, controlStore, wrapper, TimeProvider.System, Stop);
    }

    [Fact]
    public async Task A_key_given_for_an_archive_without_one_is_refused()
    {
        var archive = await MemoryArchive.CreateAsync(encrypted: false);

        var failure = await Assert.ThrowsAsync<StorageException>(() =>
            Archive.OpenAsync(archive.Store, archive.ControlStore, SecretKeyWrapper.OfKeyFile(new byte[32]), archive.Time, Stop)
        );

        Assert.Equal(Reason.ArchiveSuspect, failure.Reason);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_snapshot_counts_under_its_own_name_only(bool encrypted)
    {
        var archive = await MakeAsync(encrypted);
        var names = await archive.SnapshotsAsync();
        var bobs = await archive.SnapshotsAsync(Bob);
        foreach (
            var copy in new[]
            {
                // As another mailbox's, as a later one, as an older one, as a complete one.
                names[^1]
                    .Name.Replace(names[^1].Mailbox, bobs[0].Mailbox, StringComparison.Ordinal)
                    .Replace("/0000000003-", "/0000000009-", StringComparison.Ordinal),
                names[0].Name.Replace("/0000000001-", "/0000000009-", StringComparison.Ordinal),
                names[^1].Name.Replace("/0000000003-", "/0000000000-", StringComparison.Ordinal),
                names[0].Name.Replace("/0000000001-2026", "/0000000001-2036", StringComparison.Ordinal),
                names[0].Name.Replace("z-c-", "z-p-", StringComparison.Ordinal),
            }
        )
        {
            var attacked = archive.Clone();
            await PutAsync(
                attacked.Store,
                copy,
                attacked.Store.Blobs[
                    copy.Contains(bobs[0].Mailbox, StringComparison.Ordinal) || copy.Contains("/0000000000-", StringComparison.Ordinal)
                        ? names[^1].Name
                        : names[0].Name
                ]
            );

            Assert.Contains((await attacked.CheckAsync()).Problems, problem => problem.Blob == copy);
            var opened = await attacked.OpenAsync();
            foreach (var (account, mailbox) in new[] { (MemoryArchive.Account, _ann), (Bob, _bob) })
            {
                var chosen = await SnapshotChoice.FindAsync(opened, account, null, MailboxMatch.Name, complete: true, Stop);
                Assert.Equal(account, chosen.Snapshot.Mailbox);
                MailboxImage.ShouldEqual(await MailboxImage.TakeAsync(mailbox, Stop), await attacked.RestoreAsync(chosen.Name));
            }
            // Backups go on, and neither prune nor repair removes what is whole.
            await attacked.BackUpAsync(_bob.Session, Bob);
            await new ArchiveRepair(await attacked.OpenAsync()).RunAsync([], _ => { }, Stop);
            await new ArchivePrune(await attacked.OpenAsync(), new RetentionPolicy(1, 0, 0, 0, 0), TimeSpan.Zero).RunAsync(
                dryRun: false,
                _ => { },
                Stop
            );
            await attacked.NewestShouldEqualAsync(_ann);
            await attacked.NewestShouldEqualAsync(_bob, Bob);
        }
    }

    /// <summary>What a repair sets aside is that blob and no other, and no note outlives what it says.</summary>
    [Fact]
    public async Task Blobs_with_the_names_of_others_have_nothing_set_aside_but_themselves()
    {
        var archive = await MakeAsync();
        var (anns, bobs) = (await archive.SnapshotsAsync(), await archive.SnapshotsAsync(Bob));
        await PutAsync(
            archive.Store,
            anns[^1].Name.Replace(anns[^1].Mailbox, bobs[0].Mailbox, StringComparison.Ordinal),
            archive.Store.Blobs[anns[^1].Name]
        );
        var packs = archive.Store.Blobs.Keys.Where(name => name.StartsWith("packs/", StringComparison.Ordinal)).ToList();
        foreach (var pack in packs)
            await PutAsync(archive.Store, $"packs/209901/{pack.Split('/')[^1]}", [1]);
        // Named for what it is, and no pack.
        var junk = Encoding.ASCII.GetBytes(new string('x', 5000));
        await PutAsync(archive.Store, $"packs/202601/{ContentId.Of(junk)}", junk);
        await PutAsync(archive.Store, packs[0].Replace("packs/", "pages/", StringComparison.Ordinal), archive.Store.Blobs[packs[0]]);

        for (var time = 0; time < 2; time++)
        {
            await new ArchiveRepair(await archive.OpenAsync(), force: true).RunAsync([], _ => { }, Stop);
            await archive.NewestShouldEqualAsync(_ann);
            await archive.NewestShouldEqualAsync(_bob, Bob);
        }
        await archive.ShouldBeSoundAsync();
        archive.Time.Advance(TimeSpan.FromDays(40));
        await new ArchivePrune(await archive.OpenAsync(), new RetentionPolicy(100, 0, 0, 0, 0), TimeSpan.Zero, setAside: true).RunAsync(
            dryRun: false,
            _ => { },
            Stop
        );

        await archive.NewestShouldEqualAsync(_ann);
        await archive.NewestShouldEqualAsync(_bob, Bob);
        await archive.ShouldBeSoundAsync();
        Assert.DoesNotContain(archive.Store.Blobs.Keys, name => name.StartsWith("packs/209901/", StringComparison.Ordinal));
        // Nobody learns from the notes whose mailbox it is.
        Assert.DoesNotContain(
            archive.ControlStore.Blobs.Values,
            bytes => Encoding.UTF8.GetString(bytes).Contains("old.example", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task An_archive_that_was_set_back_is_noticed()
    {
        var memory = new SeenMemory();
        var archive = await MemoryArchive.CreateAsync(encrypted: true);
        _ann.Add("INBOX").Add(Encoding.ASCII.GetBytes(Secret));
        await BackUpAsync(archive, memory);
        var before = archive.Store.Clone(archive.Time);
        archive.Time.Advance(TimeSpan.FromDays(1));
        _ann.Folders[0].Add("Subject: two\r\n\r\nTwo.\r\n"u8.ToArray());
        await BackUpAsync(archive, memory);
        foreach (var name in archive.Store.Blobs.Keys.Except(before.Blobs.Keys).ToList())
            await archive.Store.DeleteAsync(name, Stop);
        // A name alone hides nothing.
        var made = (await archive.SnapshotsAsync())[0].Name;
        await PutAsync(archive.Store, $"{made[..made.LastIndexOf('/')]}/9999999999-20990301t000000000z-i-0123456789abcdef", [1]);
        archive.Time.Advance(TimeSpan.FromDays(1));
        var opened = await archive.OpenAsync();
        await opened.RememberAsync(memory, Stop);
        Assert.Contains(
            (await new ArchiveCheck(opened, 0).RunAsync(_ => { }, Stop)).Problems,
            problem => problem.What.Contains("rolled back", StringComparison.Ordinal)
        );
        Assert.Contains(
            (await SnapshotChoice.FindAsync(opened, MemoryArchive.Account, null, MailboxMatch.Name, complete: true, Stop)).Warnings,
            warning => warning.Contains("rolled back", StringComparison.Ordinal)
        );
        var refused = await Assert.ThrowsAsync<StorageException>(() =>
            new ArchivePrune(opened, new RetentionPolicy(1, 0, 0, 0, 0), TimeSpan.Zero).RunAsync(dryRun: false, _ => { }, Stop)
        );
        Assert.Equal(Reason.ArchiveSetBack, refused.Reason);

        var report = await BackUpAsync(archive, memory);
        archive.Time.Advance(TimeSpan.FromDays(1));
        var again = await BackUpAsync(archive, memory);

        Assert.Equal(RunOutcome.Partial, report.Outcome);
        Assert.Contains(report.Notices, notice => notice.Contains("rolled back to an earlier state", StringComparison.Ordinal));
        // Said once; what is there now is whole, and its number is above all that were seen.
        Assert.Equal(RunOutcome.Complete, again.Outcome);
        MailboxImage.ShouldEqual(
            await MailboxImage.TakeAsync(_ann, Stop),
            await archive.RestoreAsync(
                (
                    await SnapshotChoice.FindAsync(
                        await archive.OpenAsync(),
                        MemoryArchive.Account,
                        null,
                        MailboxMatch.Exact,
                        complete: true,
                        Stop
                    )
                ).Name
            )
        );
        Assert.Equal([1L, 3L, 9_999_999_999L], (await archive.SnapshotsAsync()).Select(name => name.Sequence));
    }

    /// <summary>Every blob, in every way: gone, cut, another's octets, an older one's.</summary>
    [Theory]
    [InlineData("delete")]
    [InlineData("truncate")]
    [InlineData("swap")]
    [InlineData("empty")]
    public async Task Whatever_becomes_of_one_blob_no_command_lies_or_destroys(string act)
    {
        var archive = await MakeAsync();
        foreach (var name in archive.Store.Blobs.Keys)
        {
            var attacked = archive.Clone();
            var bytes = attacked.Store.Blobs[name];
            var other =
                attacked
                    .Store.Blobs.Keys.Where(candidate => candidate != name && candidate.Split('/')[0] == name.Split('/')[0])
                    .Select(candidate => attacked.Store.Blobs[candidate])
                    .FirstOrDefault()
                ?? [];
            if (act == "delete")
                await attacked.Store.DeleteAsync(name, Stop);
            else
                await attacked.Store.ReplaceAsync(
                    name,
                    act switch
                    {
                        "truncate" => bytes.AsMemory(0, bytes.Length / 2),
                        "swap" => other,
                        _ => default,
                    },
                    Stop
                );
            // What is whole now must be so afterwards.
            var whole = attacked.Store.Blobs.ToDictionary(blob => blob.Key, blob => blob.Value);
            try
            {
                await new ArchiveRepair(await attacked.OpenAsync()).RunAsync([], _ => { }, Stop);
                await PruneOrSayWhyNotAsync(attacked);
                await attacked.BackUpAsync(_ann.Session);
                await attacked.BackUpAsync(_bob.Session, Bob);
                await attacked.NewestShouldEqualAsync(_ann);
                await attacked.NewestShouldEqualAsync(_bob, Bob);
            }
            catch (StorageException exception)
                when (name.StartsWith("format/", StringComparison.Ordinal) || name.StartsWith("keys/", StringComparison.Ordinal))
            {
                Assert.True(
                    exception.Reason == Reason.ArchiveSuspect
                        || exception.Reason == Reason.ArchiveDamaged
                        || exception.Reason == Reason.ArchiveKey
                        || exception.Reason == Reason.ArchiveMissing,
                    exception.Message
                );
            }
            // Index blobs are written anew, and packs merged: what they hold is looked at below. All else stays, but for what only a
            // snapshot held that was deleted.
            if (act != "delete" || !name.StartsWith("snapshots/", StringComparison.Ordinal))
                Assert.Empty(
                    whole
                        .Keys.Where(blob => blob != name && blob.Split('/')[0] is not ("index" or "packs" or "pages" or "headers"))
                        .Except(attacked.Store.Blobs.Keys)
                );
            await StaysAsync(attacked);
        }
    }

    private static async Task PruneOrSayWhyNotAsync(MemoryArchive archive)
    {
        try
        {
            await new ArchivePrune(await archive.OpenAsync(), new RetentionPolicy(100, 0, 0, 0, 0), TimeSpan.Zero).RunAsync(
                dryRun: false,
                _ => { },
                Stop
            );
        }
        catch (StorageException exception) when (exception.Reason == Reason.ArchiveDamaged)
        {
            // What it cannot know, it does not remove.
        }
    }

    private async Task<MemoryArchive> MakeAsync(bool encrypted = true)
    {
        var archive = await MemoryArchive.CreateAsync(encrypted);
        _ann.Add("INBOX").Add(Encoding.ASCII.GetBytes(Secret));
        _bob.Add("INBOX").Add("Subject: Bob's\r\n\r\nBob's own.\r\n"u8.ToArray());
        for (var night = 0; night < 3; night++)
        {
            await archive.BackUpAllAsync(_ann);
            await archive.BackUpAsync(_bob.Session, Bob);
            archive.Time.Advance(TimeSpan.FromDays(1));
            _ann.Folders[0].Add(Encoding.ASCII.GetBytes($"Subject: night {night}\r\n\r\nNobody may read this either.\r\n"));
        }
        _ann.Folders[0].Messages.Remove(_ann.Folders[0].Messages.Keys.Max());
        return archive;
    }

    private static async Task<RunReport> BackUpAsync(MemoryArchive archive, SeenMemory memory, MemoryMailSource mailbox)
    {
        var opened = await archive.OpenAsync();
        await opened.RememberAsync(memory, Stop);
        return await archive.BackUpAsync(mailbox.Session, opened: opened);
    }

    private Task<RunReport> BackUpAsync(MemoryArchive archive, SeenMemory memory) => BackUpAsync(archive, memory, _ann);

    private async Task SuspectAsync(MemoryArchive archive)
    {
        var before = archive.Store.Blobs.Keys.ToList();
        var failure = await Assert.ThrowsAsync<StorageException>(() => archive.BackUpAsync(_ann.Session));
        Assert.Equal(Reason.ArchiveSuspect, failure.Reason);
        await Assert.ThrowsAsync<StorageException>(async () =>
            await new ArchiveRepair(await archive.OpenAsync()).RunAsync([], _ => { }, Stop)
        );
        Assert.Equal(before, archive.Store.Blobs.Keys);
    }

    /// <summary>Nothing that must stay secret is in the store.</summary>
    private static Task StaysAsync(MemoryArchive archive)
    {
        Assert.DoesNotContain(archive.Store.Blobs.Values, bytes => bytes.AsSpan().IndexOf("Nobody may read"u8) >= 0);
        return Task.CompletedTask;
    }

    private static string Only(MemoryArchive archive, string prefix) =>
        archive.Store.Blobs.Keys.Single(name => name.StartsWith(prefix, StringComparison.Ordinal));

    private static Task PutRecordAsync(MemoryArchive archive, string prefix, byte[] bytes) =>
        PutAsync(archive.Store, $"{prefix}{ContentId.Of(bytes)}.json", bytes);

    private static Task PutAsync(MemoryBlobStore store, string name, byte[] bytes) => store.ReplaceAsync(name, bytes, Stop);
}
