using Migrator.App.Output;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Worker;

/// <summary>Folders that are named and not there: no command is green.</summary>
public sealed class NoSuchFolderTests(DovecotFixture servers) : IDisposable
{
    private readonly DirectoryInfo _state = Directory.CreateTempSubdirectory("no-such-folder");

    private string Archive => Path.Combine(_state.FullName, "archive");

    public void Dispose() => _state.Delete(recursive: true);

    [Fact]
    public async Task Of_a_snapshot()
    {
        foreach (var folder in new[] { "INBOX", "Sent" })
        {
            Directory.CreateDirectory(Path.Combine(_state.FullName, "mail", folder));
            await File.WriteAllBytesAsync(
                Path.Combine(_state.FullName, "mail", folder, "1.eml"),
                Letters.Letter(1),
                TestContext.Current.CancellationToken
            );
        }
        await ShouldEndAsync(ExitCode.Success, "", "archive", "init", Archive);
        await ShouldEndAsync(ExitCode.Success, "", "import", Path.Combine(_state.FullName, "mail"), "--format", "eml", "--to", Archive);
        var to = $"imap://{DovecotServer.NewUser("nosuch")}@127.0.0.1:{servers.New.ImapPort}?tls=none";
        const string words = "Did you mean \"Sent\"? There are: INBOX, Sent.";

        await ShouldEndAsync(ExitCode.Configuration, words, "restore", Archive, "--folder", "Sentt", "--to", to);
        await ShouldEndAsync(ExitCode.Configuration, words, "restore", Archive, "--folder", "INBOX", "--folder", "Sentt", "--to", to);
        await ShouldEndAsync(
            ExitCode.Configuration,
            words,
            "export",
            Archive,
            "--folder",
            "Sentt",
            "--format",
            "mbox",
            "--to",
            Path.Combine(_state.FullName, "out")
        );
        Assert.False(Directory.Exists(Path.Combine(_state.FullName, "out")));
        await ShouldEndAsync(ExitCode.Configuration, words, "archive", "ls", Archive, "--folder", "Sentt");
        await ShouldEndAsync(ExitCode.Configuration, words, "archive", "find", Archive, "--folder", "Sentt", "a");
        await ShouldEndAsync(ExitCode.Configuration, words, "archive", "cat", Archive, "--folder", "Sentt", "--uid", "1");
        await ShouldEndAsync(
            ExitCode.Incomplete,
            "\"migrator archive ls --folder\" lists those of a folder",
            "archive",
            "cat",
            Archive,
            "--uid",
            "99"
        );
        await ShouldEndAsync(ExitCode.Configuration, "--folder: ", "archive", "ls", Archive, "--folder", "a//b");
        await ShouldEndAsync(ExitCode.Success, "", "restore", Archive, "--folder", "Sen*", "--to", to);
    }

    [Fact]
    public async Task Of_a_mailbox()
    {
        await using var harness = new Harness(servers.Old, servers.New);
        await using (var source = await harness.SourceAsync())
            await Letters.FillAsync(source, "INBOX", 0, 3);
        var job = await CommandTests.JobFileAsync(harness, """, "folders": { "include": ["INBOX", "Nosuch"] }""");

        foreach (var command in new[] { "run", "check", "verify" })
            await ShouldEndAsync(ExitCode.Configuration, "\"Nosuch\" matches no folder. There are: INBOX", command, job);
        await ShouldEndAsync(ExitCode.Success, "", "archive", "init", Archive);
        var backup = Path.Combine(harness.State, "backup.json");
        await File.WriteAllTextAsync(
            backup,
            $$"""
            { "kind": "backup",
              "source": { "host": "127.0.0.1", "port": {{servers.Old.ImapPort}}, "tls": "none",
                  "user": "{{harness.SourceUser}}", "password": "env:MIGRATOR_SOURCE_PASSWORD" },
              "archive": { "location": "{{Archive}}" }, "folders": { "include": ["Nosuch"] } }
            """,
            TestContext.Current.CancellationToken
        );
        foreach (var command in new[] { "run", "check" })
            await ShouldEndAsync(ExitCode.Configuration, "\"Nosuch\" matches no folder. There are: INBOX", command, backup);
        Assert.Equal(0, (await harness.TargetContentAsync()).Count);
    }

    private async Task ShouldEndAsync(int code, string words, params string[] arguments)
    {
        var ended = await MigratorProcess.RunAsync(_state.FullName, arguments);

        Assert.True(ended.Code == code, $"{string.Join(' ', arguments)}: {ended}");
        Assert.Contains(words, ended.Output + ended.Errors);
        Assert.DoesNotContain("   at ", ended.Errors);
    }
}
