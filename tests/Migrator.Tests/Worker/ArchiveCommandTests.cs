using System.Text.Json;
using Migrator.App.Output;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Xunit;
using static Migrator.Tests.Migrations.Letters;

namespace Migrator.Tests.Worker;

/// <summary>Archives as a user meets them: commands, good and bad.</summary>
public sealed class ArchiveCommandTests(DovecotFixture servers)
{
    private static readonly string[] s_folders = ["INBOX", "Work", "Work/Old", "Grüße & Co"];

    [Fact]
    public async Task A_backup_is_looked_into_checked_verified_and_restored()
    {
        await using var mail = await MailboxAsync();
        var job = await JobAsync(mail);
        await RunAsync(mail, "archive", "init", job);

        var first = await RunAsync(mail, "run", job);
        var again = await RunAsync(mail, "run", job);
        await RunAsync(mail, "verify", job);
        var snapshots = await RunAsync(mail, "archive", "snapshots", job, "--json");
        var folders = await RunAsync(mail, "archive", "ls", job);
        var messages = await RunAsync(mail, "archive", "ls", job, "--folder", "Work");
        var found = await RunAsync(mail, "archive", "find", job, "letter 31");
        var one = await RunAsync(mail, "archive", "cat", job, "--folder", "Work", "--uid", "2");
        await RunAsync(mail, "archive", "check", job, "--read-data");
        var restored = await RunAsync(mail, "restore", job, "--to", Target(mail));

        Assert.Contains("22 found = 22 stored", first);
        Assert.Contains("complete: 22 messages", first);
        Assert.Contains("22 found = 22 already there", again);
        Assert.Contains("No changes since snapshot", again);
        Assert.Equal(
            "Complete",
            JsonDocument
                .Parse(Assert.Single(snapshots.Split('\n', StringSplitOptions.RemoveEmptyEntries)))
                .RootElement.GetProperty("state")
                .GetString()
        );
        Assert.All(s_folders, folder => Assert.Contains(folder, folders));
        Assert.Contains("\\Seen", messages);
        Assert.Contains("Letter 31", found);
        Assert.Equal(System.Text.Encoding.Latin1.GetString(Letter(31)), one);
        Assert.Contains("22 found = 22 copied", restored);
        (await mail.SourceContentAsync()).ShouldEqual(await mail.TargetContentAsync());
    }

    [Theory]
    [InlineData("mbox")]
    [InlineData("maildir")]
    [InlineData("eml")]
    public async Task Exported_imported_into_another_archive_and_restored_it_is_the_same(string format)
    {
        await using var mail = await MailboxAsync();
        var (job, files, other) = (await JobAsync(mail), Path.Combine(mail.State, "files"), Path.Combine(mail.State, "other"));
        await RunAsync(mail, "archive", "init", job);
        await RunAsync(mail, "run", job);

        await RunAsync(mail, "export", job, "--format", format, "--to", files);
        await RunAsync(mail, "archive", "init", other);
        await RunAsync(mail, "import", "--format", format, files, "--to", other, "--mailbox", "ann");
        await RunAsync(mail, "restore", other, "--to", Target(mail));

        (await mail.SourceContentAsync()).ShouldEqual(await mail.TargetContentAsync());
    }

    [Fact]
    public async Task Any_moment_comes_back_as_it_was()
    {
        await using var mail = await MailboxAsync();
        var job = await JobAsync(mail);
        await RunAsync(mail, "archive", "init", job);
        await RunAsync(mail, "run", job);
        var then = await mail.SourceContentAsync();
        var id = JsonDocument.Parse(await RunAsync(mail, "archive", "snapshots", job, "--json")).RootElement.GetProperty("id").GetString()!;
        await using (var source = await mail.SourceAsync())
        {
            await source.DeleteAsync("INBOX", "1:5");
            await source.StoreAsync("Work", "1", "+FLAGS (\\Flagged)");
            await FillAsync(source, "Work", 70, 3);
        }
        await RunAsync(mail, "run", job);

        await RunAsync(mail, "restore", job, "--at", id[..6], "--to", Target(mail));
        then.ShouldEqual(await mail.TargetContentAsync());

        // Somebody continues using the mailbox; what is missing comes back, also what the next expunge would remove, and nothing else
        // changes.
        await using (var target = await mail.TargetAsync())
        {
            await target.DeleteAsync("Work", "2");
            await target.StoreAsync("Work", "1", "+FLAGS (\\Deleted custom)");
            await target.AppendAsync("INBOX", Letter(500), "", DateTimeOffset.UnixEpoch.AddDays(9_000));
        }
        var before = await mail.TargetContentAsync();
        var dry = await RunAsync(mail, "restore", job, "--at", id, "--to", Target(mail), "--dry-run", "--mode", "exact");
        (await mail.TargetContentAsync()).ShouldEqual(before);
        Assert.Contains("No changes were made.", dry);
        Assert.Contains("22 messages to copy", System.Text.RegularExpressions.Regex.Replace(dry, @" \([^)]*\)", ""));
        Assert.Matches(@"Up to \d+ of the messages to copy may already be there\.", dry);
        Assert.Contains("those that the snapshot does not contain would be moved", dry);
        var missing = await RunAsync(mail, "restore", job, "--at", id, "--to", Target(mail));
        Assert.Contains("22 found = 2 copied + 20 already there", missing);
        Assert.Equal(then.Count + 2, (await mail.TargetContentAsync()).Count);

        // Exactly as it was: what came later is moved aside, flags are what they were.
        await RunAsync(mail, "restore", job, "--at", id, "--to", Target(mail), "--mode", "exact");
        var exact = await mail.TargetContentAsync();
        foreach (var (folder, messages) in then.Folders)
            Assert.Equal(
                messages.Select(message => (message.Hash, message.Flags)).Order(),
                exact.Folders[folder].Select(message => (message.Hash, message.Flags)).Order()
            );
        Assert.Equal(
            2,
            exact
                .Folders.Where(folder => folder.Key.StartsWith("Before restore", StringComparison.Ordinal))
                .Sum(folder => folder.Value.Count)
        );

        // Beside what is there.
        await RunAsync(mail, "restore", job, "--at", id, "--to", Target(mail), "--mode", "side", "--folder", "Work");
        var controlStore = (await mail.TargetContentAsync()).Folders.Single(folder =>
            folder.Key.StartsWith("Restored ", StringComparison.Ordinal) && folder.Value.Count > 0
        );
        Assert.Equal(then.Folders["Work"].Count, controlStore.Value.Count);
    }

    [Fact]
    public async Task Snapshots_that_are_not_kept_go_and_what_is_kept_stays_whole()
    {
        await using var mail = await MailboxAsync();
        var job = await JobAsync(mail);
        await RunAsync(mail, "archive", "init", job);
        await RunAsync(mail, "run", job);
        await using (var source = await mail.SourceAsync())
            await source.DeleteAsync("INBOX", "1:10");
        await RunAsync(mail, "run", job);

        var dry = await RunAsync(mail, "archive", "prune", job, "--keep-last", "1", "--grace-hours", "0", "--dry-run");
        var kept = Directory.GetFiles(Path.Combine(mail.State, "archive", "snapshots"), "*", SearchOption.AllDirectories).Length;
        await RunAsync(mail, "archive", "prune", job, "--keep-last", "1", "--grace-hours", "0");

        Assert.Contains("1 snapshot kept, 1 would be removed", dry);
        Assert.Equal(2, kept);
        Assert.Single(Directory.GetFiles(Path.Combine(mail.State, "archive", "snapshots"), "*", SearchOption.AllDirectories));
        await RunAsync(mail, "archive", "check", job, "--read-data");
        await RunAsync(mail, "restore", job, "--to", Target(mail));
        (await mail.SourceContentAsync()).ShouldEqual(await mail.TargetContentAsync());
    }

    [Fact]
    public async Task Damage_is_named_and_repaired_from_the_mailbox()
    {
        await using var mail = await MailboxAsync();
        var job = await JobAsync(mail);
        await RunAsync(mail, "archive", "init", job);
        await RunAsync(mail, "run", job);
        var pack = Directory.GetFiles(Path.Combine(mail.State, "archive", "packs"), "*", SearchOption.AllDirectories).Single();
        await using (var file = File.OpenWrite(pack))
        {
            file.Position = 150;
            file.Write("damage"u8);
        }

        var check = await MigratorProcess.RunAsync(mail.State, "archive", "check", job, "--read-data");
        var repair = await RunAsync(mail, "archive", "repair", job);

        Assert.Equal(ExitCode.Incomplete, check.Code);
        Assert.Contains($"packs/{Path.GetFileName(Path.GetDirectoryName(pack))}/{Path.GetFileName(pack)}", check.Output);
        Assert.Matches(@"UID \d+  \(snapshot", check.Output);
        Assert.Contains("fetched again", repair);
        await RunAsync(mail, "archive", "check", job, "--read-data");
        await RunAsync(mail, "restore", job, "--to", Target(mail));
        (await mail.SourceContentAsync()).ShouldEqual(await mail.TargetContentAsync());
    }

    [Fact]
    public async Task A_mailbox_can_be_checked_before_its_archive_is_made()
    {
        await using var mail = await MailboxAsync();
        var job = await JobAsync(mail);

        var before = await MigratorProcess.RunAsync(mail.State, "check", job);
        await RunAsync(mail, "archive", "init", job);
        var after = await RunAsync(mail, "check", job);

        Assert.True(before.Code == ExitCode.Configuration, before.Output + before.Errors);
        Assert.Contains("Logged in to the source. No changes were made.", before.Output);
        Assert.Contains("22 messages", before.Output);
        Assert.Contains("migrator archive init", before.Output);
        Assert.Contains("Logged in to the source and opened the archive. No changes were made.", after);
        Assert.Contains("0 snapshots of this mailbox", after);
        Assert.Contains("22 messages", after);
    }

    public static TheoryData<int, string, string[]> Mistakes =>
        new()
        {
            { ExitCode.Configuration, "There is no archive in", ["archive", "check", "./nowhere"] },
            { ExitCode.Configuration, "There is no archive in", ["run", "JOB"] },
            { ExitCode.Configuration, "no snapshot yet", ["restore", "ARCHIVE", "--to", "imaps://ann@localhost"] },
            { ExitCode.Configuration, "is encrypted, and no key was given", ["archive", "snapshots", "ENCRYPTED"] },
            {
                ExitCode.Configuration,
                "Wrong key for the archive",
                ["archive", "snapshots", "ENCRYPTED", "--passphrase", "env:MIGRATOR_TARGET_PASSWORD"]
            },
            { ExitCode.Configuration, "never the secret itself", ["archive", "snapshots", "ENCRYPTED", "--passphrase", "hunter2"] },
            { ExitCode.Configuration, "There is an archive in", ["archive", "init", "ARCHIVE"] },
            { ExitCode.Configuration, "specify what to keep", ["archive", "prune", "ARCHIVE"] },
            { ExitCode.Configuration, "is \"lots\"", ["archive", "check", "ARCHIVE", "--read-data", "lots"] },
            { ExitCode.Incomplete, "", ["import", "--format", "eml", "nowhere", "--to", "ARCHIVE"] },
            { ExitCode.Configuration, "must look like imaps://", ["restore", "ARCHIVE", "--to", "nonsense"] },
        };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public async Task Wrong_input_says_what_to_do(int code, string words, string[] arguments)
    {
        await using var mail = new Harness(servers.Old, servers.New);
        var job = await JobAsync(mail);
        var (plain, encrypted, key) = (
            Path.Combine(mail.State, "plain"),
            Path.Combine(mail.State, "encrypted"),
            Path.Combine(mail.State, "passphrase")
        );
        await File.WriteAllTextAsync(key, "correct horse", TestContext.Current.CancellationToken);
        await RunAsync(mail, "archive", "init", plain);
        await RunAsync(mail, "archive", "init", encrypted, "--passphrase", $"file:{key}", "--kdf", "pbkdf2-sha512");

        var ended = await MigratorProcess.RunAsync(
            mail.State,
            [
                .. arguments.Select(argument =>
                    argument switch
                    {
                        "ARCHIVE" => plain,
                        "ENCRYPTED" => encrypted,
                        "JOB" => job,
                        _ => argument,
                    }
                ),
            ]
        );

        Assert.Equal(code, ended.Code);
        Assert.Contains(words, ended.Errors);
        Assert.DoesNotContain("   at ", ended.Errors);
        Assert.DoesNotContain("hunter2", ended.Output + ended.Errors);
    }

    [Fact]
    public async Task A_recovery_key_opens_an_archive_whose_passphrase_is_lost_and_a_passphrase_is_changed()
    {
        await using var mail = new Harness(servers.Old, servers.New);
        string Secret(string name, string content)
        {
            File.WriteAllText(Path.Combine(mail.State, name), content);
            return $"file:{Path.Combine(mail.State, name)}";
        }
        var (archive, first, second) = (
            Path.Combine(mail.State, "encrypted"),
            Secret("first", "correct horse"),
            Secret("second", "battery staple")
        );
        await RunAsync(mail, "archive", "init", archive, "--passphrase", first, "--kdf", "pbkdf2-sha512");

        var printed = await RunAsync(mail, "archive", "key", "add", archive, "--passphrase", first, "--recovery");
        var recovery = Secret("recovery", printed.Split('\n').Single(line => line.StartsWith("  ", StringComparison.Ordinal)).Trim());
        Assert.Contains("recovery key", await RunAsync(mail, "archive", "key", "list", archive, "--recovery-key", recovery));
        await RunAsync(
            mail,
            "archive",
            "key",
            "change",
            archive,
            "--passphrase",
            first,
            "--new-passphrase",
            second,
            "--kdf",
            "pbkdf2-sha512"
        );
        var old = await MigratorProcess.RunAsync(mail.State, "archive", "key", "list", archive, "--passphrase", first);
        var list = await RunAsync(mail, "archive", "key", "list", archive, "--passphrase", second);
        var nothing = await MigratorProcess.RunAsync(mail.State, "archive", "key", "add", archive, "--passphrase", second);
        var wrong = await MigratorProcess.RunAsync(
            mail.State,
            "archive",
            "key",
            "list",
            archive,
            "--recovery-key",
            Secret("wrong", "0000-1111-hunter2")
        );

        Assert.Contains("a recovery key or another passphrase", old.Errors);
        Assert.Equal(
            2,
            list.Split('\n')
                .Count(line =>
                    line.Contains("passphrase", StringComparison.Ordinal) || line.Contains("recovery key", StringComparison.Ordinal)
                )
        );
        Assert.Equal((ExitCode.Configuration, ExitCode.Configuration), (nothing.Code, wrong.Code));
        Assert.Contains("--new-passphrase", nothing.Errors);
        Assert.DoesNotContain("hunter2", wrong.Output + wrong.Errors);
    }

    private static async Task<string> RunAsync(Harness mail, params string[] arguments)
    {
        var (code, output, errors) = await MigratorProcess.RunAsync(mail.State, arguments);
        Assert.True(code == ExitCode.Success, $"{string.Join(' ', arguments)}: {code}\n{output}{errors}");
        return output;
    }

    private static string Target(Harness mail) =>
        $"imaps://{mail.TargetUser}@localhost:{mail.New.ImapsPort}?fingerprint={mail.New.Fingerprint}";

    private async Task<Harness> MailboxAsync()
    {
        var mail = new Harness(servers.Old, servers.New);
        await using var source = await mail.SourceAsync();
        await FillAsync(source, "INBOX", 0, 15);
        foreach (var (number, folder) in s_folders.Skip(1).Index())
        {
            await source.CreateAsync(folder);
            await FillAsync(source, folder, 30 + (10 * number), 2);
        }
        await source.AppendAsync("INBOX", Letter(3), "\\Flagged $Forwarded", DateTimeOffset.UnixEpoch.AddDays(9_000));
        return mail;
    }

    private static async Task<string> JobAsync(Harness mail)
    {
        var file = Path.Combine(mail.State, "nightly.json");
        await File.WriteAllTextAsync(
            file,
            $$"""
            {
              "kind": "backup",
              "source": { "host": "localhost", "port": {{mail.Old.ImapsPort}},
                  "user": "{{mail.SourceUser}}", "password": "env:MIGRATOR_SOURCE_PASSWORD",
                  "certificate": { "fingerprint": "{{mail.Old.Fingerprint}}" } },
              "archive": { "location": "archive" }
            }
            """
        );
        return file;
    }
}
