using System.Text;
using System.Text.Json;
using Migrator.App.Output;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Worker;

/// <summary>From a search to the message, as a user goes: <c>archive find</c>, then <c>cat</c>, <c>restore</c> or <c>export</c>.</summary>
public sealed class FindCommandTests(DovecotFixture servers)
{
    private static readonly byte[] s_lost = Letter("=?utf-8?q?R=C3=A9sum=C3=A9?=", "The lost one.");
    private static readonly byte[] s_hostile = Letter("\u001b[2J\u001b]0;owned\u0007 \u202eevil =?utf-8?b?G1szMW0=?=", "Whatever.");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_deleted_message_is_found_shown_and_restored_alone_into_its_folder()
    {
        await using var mail = new Harness(servers.Old, servers.New);
        var job = await BackedUpAsync(mail);

        var found = Lines(await RunAsync(mail, ExitCode.Success, "archive", "find", job, "resume", "--from", "jane", "--json")).ToList();
        var message = found[0];
        var id = message.GetProperty("id").GetString()!;
        var table = await RunAsync(mail, ExitCode.Success, "archive", "find", job, "--subject", "resume");
        var one = await RunAsync(mail, ExitCode.Success, "archive", "cat", job, "--message", id);
        var restored = await RunAsync(mail, ExitCode.Success, "restore", job, "--message", id, "--to", Target(mail));
        var again = await RunAsync(mail, ExitCode.Success, "restore", job, "--message", id, "--to", Target(mail));

        Assert.Equal(
            ("message", "Work", "Résumé", false, 16),
            (
                message.GetProperty("event").GetString(),
                message.GetProperty("folder").GetString(),
                message.GetProperty("subject").GetString(),
                message.GetProperty("stillThere").GetBoolean(),
                id.Length
            )
        );
        Assert.Equal(("find", 1), (found[1].GetProperty("event").GetString(), found[1].GetProperty("messages").GetInt32()));
        Assert.Contains(id, table);
        Assert.Equal(Encoding.Latin1.GetString(s_lost), one);
        Assert.Contains("1 found = 1 copied", restored);
        Assert.Contains("1 found = 1 already there", again);
        var target = await mail.TargetContentAsync();
        Assert.Equal(1, target.Count);
        Assert.Single(target.Folders["Work"]);

        await RunAsync(mail, ExitCode.Success, "restore", job, "--message", id, "--to", Target(mail), "--mode", "side");
        Assert.Single(
            (await mail.TargetContentAsync()).Folders,
            folder => folder.Key.StartsWith("Restored ", StringComparison.Ordinal) && folder.Value.Count == 1
        );
        var files = Path.Combine(mail.State, "files");
        await RunAsync(mail, ExitCode.Success, "export", job, "--message", id, "--format", "eml", "--to", files);
        Assert.Equal(s_lost, await File.ReadAllBytesAsync(Directory.GetFiles(files, "*.eml", SearchOption.AllDirectories).Single(), Stop));
    }

    [Fact]
    public async Task What_is_found_does_nothing_to_a_terminal()
    {
        await using var mail = new Harness(servers.Old, servers.New);
        var job = await BackedUpAsync(mail);

        var table = await RunAsync(mail, ExitCode.Success, "archive", "find", job, "evil");
        var json = await RunAsync(mail, ExitCode.Success, "archive", "find", job, "evil", "--json");

        foreach (var output in new[] { table, json })
            Assert.DoesNotContain(output, letter => (char.IsControl(letter) && letter is not ('\n' or '\r')) || letter is '\u202e');
        Assert.Contains("evil", table);
    }

    [Fact]
    public async Task Nothing_found_is_said_with_what_could_not_be_searched()
    {
        await using var mail = new Harness(servers.Old, servers.New);
        var job = await BackedUpAsync(mail);
        // The headers are lost, as if an earlier version had written the archive.
        var archive = Path.Combine(mail.State, "archive");
        Directory.Delete(Path.Combine(archive, "headers"), recursive: true);

        var (code, output, errors) = await MigratorProcess.RunAsync(mail.State, "archive", "find", job, "resume");
        Assert.Equal(ExitCode.Incomplete, code);
        Assert.Contains("0 messages found", output);
        Assert.Contains("could not be searched", errors);
        Assert.Contains("Work", await RunAsync(mail, ExitCode.Success, "archive", "find", job, "resume", "--read-bodies"));
        Assert.Contains("Headers of ", await RunAsync(mail, ExitCode.Success, "archive", "repair", job));
        var mended = await MigratorProcess.RunAsync(mail.State, "archive", "find", job, "resume");
        Assert.Equal((ExitCode.Success, ""), (mended.Code, mended.Errors));
    }

    public static TheoryData<int, string, string[]> Mistakes =>
        new()
        {
            { ExitCode.Configuration, "\"noon\" is not a date or time. Write yesterday, ", ["archive", "find", "JOB", "--since", "noon"] },
            {
                ExitCode.Configuration,
                "\"noon\" is not a date or time. Write yesterday, ",
                ["restore", "JOB", "--at", "noon", "--to", "imaps://ann@localhost"]
            },
            { ExitCode.Configuration, "is \"big\"; write a number of bytes", ["archive", "find", "JOB", "--larger", "big"] },
            { ExitCode.Configuration, "--from: is empty", ["archive", "find", "JOB", "--from", "\u0301"] },
            { ExitCode.Configuration, "contains no mailbox \"nobody\"", ["archive", "find", "JOB", "--mailbox", "nobody"] },
            { ExitCode.Configuration, "no snapshot that matches \"2001-01-01\"", ["archive", "find", "JOB", "--at", "2001-01-01"] },
            { ExitCode.Configuration, "one of the two", ["archive", "cat", "JOB"] },
            { ExitCode.Configuration, "one of the two", ["archive", "cat", "JOB", "--uid", "1", "--message", "0123456789abcdef"] },
            { ExitCode.Configuration, "is not a message ID", ["archive", "cat", "JOB", "--message", "xyz"] },
            { ExitCode.Configuration, "contains no message 0123456789abcdef", ["archive", "cat", "JOB", "--message", "0123456789abcdef"] },
            {
                ExitCode.Configuration,
                "is in no snapshot of",
                ["restore", "JOB", "--message", "0123456789abcdef", "--to", "imaps://ann@localhost"]
            },
            {
                ExitCode.Configuration,
                "cannot be combined with --mode exact",
                ["restore", "JOB", "--message", "0123456789abcdef", "--mode", "exact", "--to", "imaps://ann@localhost"]
            },
        };

    [Fact]
    public async Task Wrong_input_says_what_to_do()
    {
        await using var mail = new Harness(servers.Old, servers.New);
        var job = await BackedUpAsync(mail);
        foreach (var (code, words, arguments) in Mistakes.Select(row => row.Data))
        {
            var ended = await MigratorProcess.RunAsync(mail.State, [.. arguments.Select(argument => argument == "JOB" ? job : argument)]);

            Assert.True(ended.Code == code, $"{string.Join(' ', arguments)}: {ended}");
            Assert.Contains(words, ended.Errors);
            Assert.DoesNotContain("   at ", ended.Errors);
        }
    }

    private static byte[] Letter(string subject, string text) =>
        Encoding.UTF8.GetBytes($"From: Jane <jane@example.org>\r\nSubject: {subject}\r\n\r\n{text}\r\n");

    /// <summary>Two nights; between them a message was deleted.</summary>
    private static async Task<string> BackedUpAsync(Harness mail)
    {
        var job = Path.Combine(mail.State, "nightly.json");
        await File.WriteAllTextAsync(
            job,
            $$"""
            {
              "kind": "backup",
              "source": { "host": "localhost", "port": {{mail.Old.ImapsPort}},
                  "user": "{{mail.SourceUser}}", "password": "env:MIGRATOR_SOURCE_PASSWORD",
                  "certificate": { "fingerprint": "{{mail.Old.Fingerprint}}" } },
              "archive": { "location": "archive" }
            }
            """,
            Stop
        );
        await using var source = await mail.SourceAsync();
        await Letters.FillAsync(source, "INBOX", 0, 5);
        await source.AppendAsync("INBOX", s_hostile);
        await source.CreateAsync("Work");
        await source.AppendAsync("Work", s_lost);
        await source.AppendAsync("Work", Letters.Letter(7));
        await RunAsync(mail, ExitCode.Success, "archive", "init", job);
        await RunAsync(mail, ExitCode.Success, "run", job);
        await source.DeleteAsync("Work", "1");
        await RunAsync(mail, ExitCode.Success, "run", job);
        return job;
    }

    private static IEnumerable<JsonElement> Lines(string output) =>
        output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement);

    private static string Target(Harness mail) =>
        $"imaps://{mail.TargetUser}@localhost:{mail.New.ImapsPort}?fingerprint={mail.New.Fingerprint}";

    private static async Task<string> RunAsync(Harness mail, int code, params string[] arguments)
    {
        var ended = await MigratorProcess.RunAsync(mail.State, arguments);
        Assert.True(ended.Code == code, $"{string.Join(' ', arguments)}: {ended.Code}\n{ended.Output}{ended.Errors}");
        return ended.Output;
    }
}
