using System.Text.Json;
using Migrator.App.Output;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Xunit;
using static Migrator.Tests.Migrations.Letters;

namespace Migrator.Tests.Worker;

/// <summary><c>migrator verify SOURCE TARGET</c>: of what something else has copied.</summary>
public sealed class VerifyAccountsTests(DovecotFixture servers)
{
    [Fact]
    public async Task Two_accounts_are_compared_without_a_job_and_what_is_tolerated_is_named()
    {
        await using var harness = new Harness(servers.Old, servers.New);
        var date = DateTimeOffset.UnixEpoch.AddDays(20_000);
        await using (var source = await harness.SourceAsync())
            await source.AppendAllAsync("INBOX", [(Letter(1), date), (Letter(2), date)]);
        await using (var target = await harness.TargetAsync())
        {
            await target.CreateAsync("Old");
            await target.CreateAsync("Old/INBOX");
            await target.AppendAllAsync("Old/INBOX", [([.. "X-Copied: yes\r\n"u8, .. Letter(1)], date), (Letter(2), date)]);
        }
        string[] verify =
        [
            "verify",
            $"imap://{harness.SourceUser}@localhost:{servers.Old.ImapPort}?tls=none",
            $"imap://{harness.TargetUser}@localhost:{servers.New.ImapPort}?tls=none",
            "--into",
            "Old",
        ];

        var strict = await MigratorProcess.RunAsync(harness.State, verify);
        var (code, output, errors) = await MigratorProcess.RunAsync(harness.State, [.. verify, "--tolerate", "headers-added, line-ends"]);
        var json = await MigratorProcess.RunAsync(
            harness.State,
            [.. verify, "--json", "--tolerate", "line-ends", "--tolerate=headers-added"]
        );

        Assert.Equal(ExitCode.Incomplete, strict.Code);
        Assert.True(code == ExitCode.Success, output + errors);
        Assert.Contains("The same: all 2 messages are at the target, 1 by tolerated rewrites: 1 headers added.", output);
        Assert.Contains("found by header fields and body; added: X-Copied", output);
        Assert.Equal(ExitCode.Success, json.Code);
        var report = json
            .Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonDocument.Parse(line).RootElement)
            .Single(line => line.GetProperty("event").GetString() == "report")
            .GetProperty("report");
        Assert.Equal(1, report.GetProperty("toleratedCounts").GetProperty("headersAdded").GetInt32());
        Assert.Equal("headerAndBody", report.GetProperty("tolerated")[0].GetProperty("matchedBy").GetString());
        // Of reports of one second, the name does not say which is the later.
        Assert.Contains(
            Directory.GetFiles(Path.Combine(harness.State, "reports"), "verify-*.html").Select(File.ReadAllText),
            page => page.Contains("Messages by tolerated rewrites", StringComparison.Ordinal)
        );
    }

    [Theory]
    [InlineData("\"dates\" is not known. Known are: headers-added, line-ends, dates-by-header.", "ann", "--tolerate", "line-ends,dates")]
    [InlineData("\"\" is not known", "ann", "--tolerate", "line-ends,")]
    [InlineData("--tolerate must not be empty", "ann", "--tolerate", "")]
    [InlineData("target: is missing: give SOURCE and TARGET, or a job.", "imaps://ann@localhost")]
    [InlineData("--include: is for SOURCE and TARGET", "ann", "--include", "INBOX")]
    [InlineData("--yes: is for SOURCE and TARGET", "ann", "--yes")]
    [InlineData("--only: is for a job", "imaps://ann@localhost", "imaps://bob@localhost", "--only", "ann")]
    [InlineData("can only be read from", "imaps://ann@localhost", "pop3s://bob@localhost")]
    public async Task Wrong_arguments_are_named(string said, params string[] arguments)
    {
        var state = Directory.CreateTempSubdirectory("state");

        var (code, output, errors) = await MigratorProcess.RunAsync(state.FullName, ["verify", .. arguments]);

        state.Delete(recursive: true);
        Assert.True(code == ExitCode.Configuration, $"{code}: {output}{errors}");
        Assert.Contains(said, string.Join(' ', errors.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries)));
        Assert.DoesNotContain("   at ", output + errors);
    }

    [Fact]
    public async Task A_backup_has_nothing_to_tolerate()
    {
        var state = Directory.CreateTempSubdirectory("state");
        var job = Path.Combine(state.FullName, "backup.json");
        await File.WriteAllTextAsync(
            job,
            """
            { "kind": "backup",
              "source": { "host": "localhost", "user": "ann", "password": "env:NONE" },
              "archive": { "location": "archive" } }
            """,
            TestContext.Current.CancellationToken
        );

        var (code, _, errors) = await MigratorProcess.RunAsync(state.FullName, "verify", job, "--tolerate", "line-ends");

        state.Delete(recursive: true);
        Assert.Equal(ExitCode.Configuration, code);
        Assert.Contains("--tolerate: is for migrations", errors);
    }
}
