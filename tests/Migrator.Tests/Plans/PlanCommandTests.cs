using System.Text.Json;
using Migrator.App.Output;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Migrator.Tests.Worker;
using Xunit;
using static Migrator.Tests.Migrations.Letters;

namespace Migrator.Tests.Plans;

/// <summary><c>migrator plan</c>, <c>migrator run --plan</c> and <c>migrator run --dry-run</c>, as a person types them.</summary>
public sealed class PlanCommandTests(DovecotFixture servers) : IDisposable
{
    private readonly DirectoryInfo _state = Directory.CreateTempSubdirectory("plan");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _state.Delete(recursive: true);

    [Fact]
    public async Task A_plan_is_written_read_and_carried_out()
    {
        var (job, users) = await JobAsync(1);
        var dry = await RunAsync(ExitCode.Success, "run", job, "--dry-run");
        Assert.Equal(0, await CountAsync(users[0]));
        Assert.Empty(Directory.GetFiles(_state.FullName, "*.db"));

        var text = await RunAsync(ExitCode.Success, "plan", job);
        var json = Line(await RunAsync(ExitCode.Success, "plan", job, "--json"), "plan");
        var (file, page) = (json.GetProperty("jsonFile").GetString()!, json.GetProperty("htmlFile").GetString()!);
        Assert.Equal(0, await CountAsync(users[0]));
        await using (var source = await servers.Old.LogInAsync(users[0]))
            await FillAsync(source, "INBOX", 50, 1);
        var run = await RunAsync(ExitCode.Incomplete, "run", job, "--plan", file);

        Assert.Contains("Ready to run.", dry);
        Assert.Contains("5 messages", text);
        Assert.Contains("--plan", text);
        Assert.Contains("Ready to run: 5 messages to copy.", await File.ReadAllTextAsync(page, Stop));
        Assert.Contains("1 message is not in the plan, and left for later runs.", run);
        Assert.Equal(5, await CountAsync(users[0]));
        // Of four commands, one has changed something.
        var acts = await RunAsync(ExitCode.Success, "audit", "list", "--json");
        Assert.Contains(file, acts);
        Assert.DoesNotContain("dry-run", acts);
    }

    [Fact]
    public async Task Of_a_job_the_mailboxes_that_were_planned_are_run()
    {
        var (job, users) = await JobAsync(3);
        var last = Line(await RunAsync(ExitCode.Success, "plan", job, "--json", "--only", "box0,box2"), "mailboxes");
        var directory = Path.GetDirectoryName(last.GetProperty("jsonFile").GetString()!)!;

        var run = await RunAsync(ExitCode.Success, "run", job, "--plan", directory);

        Assert.Contains("2 of 2 mailboxes OK", run);
        var counts = new List<int>();
        foreach (var user in users)
            counts.Add(await CountAsync(user));
        Assert.Equal([5, 0, 5], counts);
    }

    [Fact]
    public async Task A_plan_of_another_job_or_of_a_job_that_was_changed_is_refused()
    {
        var (job, _) = await JobAsync(1);
        var (other, _) = await JobAsync(1, "other");
        var plan = Line(await RunAsync(ExitCode.Success, "plan", job, "--json"), "plan").GetProperty("jsonFile").GetString()!;

        var stranger = await RunAsync(ExitCode.Configuration, "run", other, "--plan", plan);
        await File.WriteAllTextAsync(job, (await File.ReadAllTextAsync(job, Stop)).Replace("{\n", "{\n  \"follow\": true,\n"), Stop);
        var changed = await RunAsync(ExitCode.Configuration, "run", job, "--plan", plan);

        Assert.Contains("which is not a mailbox of this job", stranger);
        Assert.Contains("the job followed deletions otherwise", changed);
    }

    [Theory]
    [InlineData("--drift: is for --plan", "run", "--drift", "3")]
    [InlineData("must be a whole number from 0 to 100", "run", "--plan", "x.json", "--drift", "101")]
    [InlineData("--dry-run: shows what a run", "run", "--dry-run", "--plan", "x.json")]
    [InlineData("--dry-run: shows what a run", "run", "--dry-run", "--failed")]
    [InlineData("cannot be read", "run", "--plan", "x.json")]
    [InlineData("--plan must not be empty", "run", "--plan", "")]
    public async Task Wrong_arguments_are_named(string said, string command, params string[] options)
    {
        var (job, _) = await JobAsync(1);

        var errors = await RunAsync(ExitCode.Configuration, [command, job, .. options]);

        Assert.Contains(said, string.Join(' ', errors.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries)));
    }

    [Fact]
    public async Task A_backup_is_not_planned()
    {
        var (job, _) = await JobAsync(1);
        var text = await File.ReadAllTextAsync(job, Stop);
        await File.WriteAllTextAsync(
            job,
            $$"""{{text[..text.IndexOf("\"target\"", StringComparison.Ordinal)]}}"kind": "backup", "archive": { "location": "a" } }""",
            Stop
        );

        Assert.Contains("migrator check", await RunAsync(ExitCode.Configuration, "plan", job));
    }

    private async Task<(string Path, IReadOnlyList<string> Users)> JobAsync(int mailboxes, string name = "job")
    {
        List<string> users = [.. Enumerable.Range(0, mailboxes).Select(_ => DovecotServer.NewUser("plan"))];
        foreach (var user in users)
        {
            await using var source = await servers.Old.LogInAsync(user);
            await FillAsync(source, "INBOX", 0, 5);
        }
        var path = Path.Combine(_state.FullName, $"{name}.json");
        var one = mailboxes == 1 ? users[0] : null;
        var rows = users
            .Index()
            .Select(user => $$"""{ "name": "box{{user.Index}}", {{Both("source", user.Item)}}, {{Both("target", user.Item)}} }""");
        await File.WriteAllTextAsync(
            path,
            $$"""
            {
              "source": {{End(servers.Old, "SOURCE", one)}},
              "target": {{End(servers.New, "TARGET", one)}}{{(one is null ? $", \"mailboxes\": [{string.Join(", ", rows)}]" : "")}}
            }
            """,
            Stop
        );
        return (path, users);

        static string Both(string end, string user) =>
            $$"""
                "{{end}}": { "user": "{{user}}" }
                """;
    }

    private static string End(DovecotServer server, string password, string? user) =>
        $$"""
            { "host": "localhost", "port": {{server.ImapPort}}, "tls": "none", "password": "env:{{password}}"{{(
                user is null ? "" : $", \"user\": \"{user}\""
            )}} }
            """;

    private async Task<int> CountAsync(string user) => (await MailboxContent.ReadAsync(servers.New, user)).Count;

    private async Task<string> RunAsync(int code, params string[] arguments)
    {
        var (ended, output, errors) = await MigratorProcess.RunWithAsync(
            new Dictionary<string, string> { ["SOURCE"] = DovecotServer.Password, ["TARGET"] = DovecotServer.Password },
            _state.FullName,
            arguments
        );
        Assert.True(ended == code, $"{ended}: {output}{errors}");
        Assert.DoesNotContain("   at ", output + errors);
        return output + errors;
    }

    private static JsonElement Line(string output, string name) =>
        output
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(line => line[0] == '{')
            .Select(line => JsonDocument.Parse(line).RootElement)
            .Last(line => line.GetProperty("event").GetString() == name);
}
