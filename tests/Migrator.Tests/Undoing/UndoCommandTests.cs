using System.Text.Json;
using Migrator.App.Output;
using Migrator.Core.Failures;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Migrator.Tests.Worker;
using Xunit;
using static Migrator.Tests.Migrations.Letters;

namespace Migrator.Tests.Undoing;

/// <summary><c>migrator undo</c> as a user and a script see it.</summary>
public sealed class UndoCommandTests(DovecotFixture servers) : IDisposable
{
    private readonly DirectoryInfo _state = Directory.CreateTempSubdirectory("undo");
    private readonly string _ann = DovecotServer.NewUser("ann"),
        _bob = DovecotServer.NewUser("bob");

    public void Dispose() => _state.Delete(recursive: true);

    [Fact]
    public async Task A_job_is_taken_back_mailbox_by_mailbox_and_in_two_steps()
    {
        var job = await JobAsync();
        await RunAsync(ExitCode.Success, "run", job);
        await using (var target = await servers.New.LogInAsync(_bob))
            await target.StoreAsync("INBOX", "2", "+FLAGS (\\Flagged)");

        var trial = await RunAsync(ExitCode.Success, "undo", job, "--dry-run");
        var unchanged = await CountAsync(_ann, "INBOX");
        var ann = await JsonAsync("undo", job, "--mailbox", _ann);
        var both = await RunAsync(ExitCode.Success, "undo", job);

        Assert.Contains("Trial, nothing was changed: 4 messages would be moved aside, 1 empty folder would be deleted", trial);
        Assert.Contains("Trial, nothing was changed: 3 messages would be moved aside, 1 left", trial);
        Assert.Equal(3, unchanged);
        var line = ann.Single(one => one.GetProperty("event").GetString() == "undo");
        Assert.Equal(
            ("move", false, "complete", 4, 0, 1),
            (
                line.GetProperty("step").GetString(),
                line.GetProperty("dryRun").GetBoolean(),
                line.GetProperty("outcome").GetString(),
                line.GetProperty("taken").GetInt32(),
                line.GetProperty("left").GetInt32(),
                line.GetProperty("deletedFolders").GetInt32()
            )
        );
        Assert.Equal("Undone/INBOX", line.GetProperty("folders")[0].GetProperty("movedTo").GetString());
        Assert.DoesNotContain(ann, one => one.TryGetProperty("mailbox", out var mailbox) && mailbox.GetString() == _bob);
        Assert.Contains("INBOX  UID 2  (INBOX UID 2 at the source): its flags were changed", both);
        Assert.Equal((0, 3, 1), (await CountAsync(_ann, "INBOX"), await CountAsync(_ann, "Undone/INBOX"), await CountAsync(_bob, "INBOX")));

        var refused = await RunAsync(ExitCode.Incomplete, "run", job);
        Assert.Contains(Reason.Undone.Code, refused);
        Assert.Contains("--again", refused);
        var unasked = await RunAsync(ExitCode.Configuration, "undo", job, "--expunge");
        Assert.Contains("--yes", unasked);
        Assert.Equal(3, await CountAsync(_ann, "Undone/INBOX"));
        var removed = await RunAsync(ExitCode.Success, "undo", job, "--mailbox", _ann, "--expunge", "--yes");
        Assert.Contains("Complete: 4 messages removed for good", removed);
        Assert.Equal(2, await CountAsync(_bob, "Undone/INBOX"));

        await RunAsync(ExitCode.Success, "run", job, "--only", _ann, "--again");
        Assert.Equal(3, await CountAsync(_ann, "INBOX"));

        var trail = await RunAsync(ExitCode.Success, "audit", "list");
        Assert.Contains("JobUndone", trail);
    }

    [Theory]
    [InlineData("\"nobody\" is not a mailbox of this job", "--mailbox", "nobody")]
    [InlineData("--into: is more than one level", "--into", "a/b")]
    [InlineData("--into: is INBOX", "--into", "INBOX")]
    [InlineData("--into: is for the first step", "--into", "Aside", "--expunge")]
    [InlineData("--yes: is for --expunge", "--yes")]
    public async Task What_does_not_fit_is_refused_before_a_server_is_asked(string says, params string[] arguments)
    {
        var job = await JobAsync();

        Assert.Contains(says, await RunAsync(ExitCode.Configuration, ["undo", job, .. arguments]));
    }

    [Fact]
    public async Task A_backup_is_not_taken_back()
    {
        var file = Path.Combine(_state.FullName, "nightly.json");
        await File.WriteAllTextAsync(
            file,
            $$"""{ "kind": "backup", "source": {{End(servers.Old, _ann, "SOURCE")}}, "archive": { "location": "archive" } }""",
            TestContext.Current.CancellationToken
        );

        Assert.Contains("is not a migration", await RunAsync(ExitCode.Configuration, "undo", file));
    }

    private static string End(DovecotServer server, string user, string end) =>
        $$"""
            {
              "host": "localhost", "port": {{server.ImapsPort}}, "user": "{{user}}",
              "password": "env:MIGRATOR_{{end}}_PASSWORD", "certificate": { "fingerprint": "{{server.Fingerprint}}" }
            }
            """;

    /// <summary>Two mailboxes of four messages.</summary>
    private async Task<string> JobAsync()
    {
        foreach (var user in new[] { _ann, _bob })
        {
            await using var source = await servers.Old.LogInAsync(user);
            await source.CreateAsync("Work");
            await FillAsync(source, "INBOX", 0, 3);
            await FillAsync(source, "Work", 10, 1);
        }
        var file = Path.Combine(_state.FullName, "staff.json");
        var mailboxes = string.Join(", ", new[] { _ann, _bob }.Select(Mailbox));
        await File.WriteAllTextAsync(file, $$"""{ "mailboxes": [ {{mailboxes}} ] }""", TestContext.Current.CancellationToken);
        return file;
    }

    private string Mailbox(string user) =>
        $$"""
            {
              "name": "{{user}}", "source": {{End(servers.Old, user, "SOURCE")}},
              "target": {{End(servers.New, user, "TARGET")}}
            }
            """;

    private async Task<int> CountAsync(string user, string folder)
    {
        await using var imap = await servers.New.LogInAsync(user);
        return (await MailboxContent.ReadAsync(imap)).Folders.GetValueOrDefault(folder)?.Count ?? 0;
    }

    private async Task<IReadOnlyList<JsonElement>> JsonAsync(params string[] arguments) =>
        [
            .. (await RunAsync(ExitCode.Success, [.. arguments, "--json"]))
                .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Where(line => line.StartsWith('{'))
                .Select(line => JsonDocument.Parse(line).RootElement),
        ];

    /// <returns>Output and errors.</returns>
    private async Task<string> RunAsync(int expected, params string[] arguments)
    {
        var (code, output, errors) = await MigratorProcess.RunAsync(_state.FullName, arguments);
        Assert.True(code == expected, $"{string.Join(' ', arguments)}: {code}\n{output}{errors}");
        return output + errors;
    }
}
