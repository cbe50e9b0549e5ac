using System.Text.Json;
using Migrator.App.Output;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Migrator.Tests.Worker;
using Xunit;
using static Migrator.Tests.Migrations.Letters;

namespace Migrator.Tests.Following;

/// <summary><c>migrator cutover</c>, as a person types it.</summary>
public sealed class CutoverCommandTests(DovecotFixture servers) : IDisposable
{
    private readonly DirectoryInfo _state = Directory.CreateTempSubdirectory("cutover");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _state.Delete(recursive: true);

    [Fact]
    public async Task A_mailbox_is_checked_switched_and_certified()
    {
        var (job, user) = await JobAsync();

        var dry = await RunAsync(ExitCode.Success, "cutover", job, "--dry-run");
        var untouched = await CountAsync(user);
        var text = await RunAsync(ExitCode.Success, "cutover", job, "--sweep-days", "3");
        var check = await RunAsync(ExitCode.Success, "run", job);
        var again = Line(await RunAsync(ExitCode.Success, "cutover", job, "--json", "--no-certificate"), "cutover");

        Assert.Contains("ok Lag: 5 messages to copy; flags to carry over: 0; deletions to follow: 0.", Words(dry));
        Assert.Contains("Ready to switch. Nothing was changed.", Words(dry));
        Assert.Equal(0, untouched);
        Assert.Contains("Switched on", text);
        Assert.Contains("Identical: all 5 messages are at the target", text);
        Assert.Contains("Signed by", text);
        Assert.Equal(2, Directory.GetFiles(Path.Combine(_state.FullName, "certificates"), "*.jsonl", SearchOption.AllDirectories).Length);
        Assert.Contains("This mailbox was switched on", check);
        Assert.Equal((0, 5), (again.GetProperty("exitCode").GetInt32(), again.GetProperty("checks").GetArrayLength()));
        Assert.Equal(
            14,
            (again.GetProperty("sweptUntil").GetDateTimeOffset() - again.GetProperty("switched").GetDateTimeOffset()).TotalDays,
            0.1
        );
    }

    [Theory]
    [InlineData("mx.new.example", true, "mail to new.example is sent to mx1.mx.new.example.")]
    [InlineData(
        "other.example",
        false,
        "mail to new.example is to be sent to other.example, and the MX record says otherwise: mx1.mx.new.example."
    )]
    public async Task The_mail_exchanger_decides_where_that_is_asked(string expected, bool isReady, string said)
    {
        await using var dns = DnsServer.Start();
        dns.AddExchanger("new.example", "mx1.mx.new.example");
        var (job, _) = await JobAsync("@new.example");

        var text = await RunAsync(
            isReady ? ExitCode.Success : ExitCode.Incomplete,
            ["cutover", job, "--dry-run", "--expect-mx", expected, "--set", dns.Setting]
        );

        Assert.Contains(said, Words(text));
        Assert.Contains(isReady ? "Ready to switch" : "Not switched: mail exchanger", text);
    }

    [Fact]
    public async Task A_domain_that_is_not_known_is_no_proof()
    {
        await using var dns = DnsServer.Start();
        var (nameless, _) = await JobAsync("", "nameless");
        var (unknown, _) = await JobAsync("@nowhere.example", "unknown");

        var without = await RunAsync(
            ExitCode.Incomplete,
            "cutover",
            nameless,
            "--dry-run",
            "--expect-mx",
            "a.example",
            "--set",
            dns.Setting
        );
        var nothing = await RunAsync(
            ExitCode.Incomplete,
            "cutover",
            unknown,
            "--dry-run",
            "--expect-mx",
            "a.example",
            "--set",
            dns.Setting
        );

        Assert.Contains("neither login name is a mail address", Words(without));
        Assert.Contains("there is no such name", Words(nothing));
    }

    [Theory]
    [InlineData("must be a whole number from 0 to 365", "--sweep-days", "366")]
    [InlineData("must be a whole number from 0", "--most", "many")]
    [InlineData("--expect-mx must not be empty", "--expect-mx", "")]
    public async Task Wrong_arguments_are_named(string said, params string[] options)
    {
        var (job, _) = await JobAsync();

        Assert.Contains(said, Words(await RunAsync(ExitCode.Configuration, ["cutover", job, .. options])));
    }

    private async Task<(string Path, string User)> JobAsync(string domain = "", string name = "job")
    {
        var user = DovecotServer.NewUser("cut") + domain;
        await using (var source = await servers.Old.LogInAsync(user))
            await FillAsync(source, "INBOX", 0, 5);
        var path = Path.Combine(_state.FullName, $"{name}.json");
        await File.WriteAllTextAsync(
            path,
            $$"""{ "source": {{End(servers.Old, user)}}, "target": {{End(servers.New, user)}}, "follow": true }""",
            Stop
        );
        return (path, user);
    }

    private static string End(DovecotServer server, string user) =>
        $$"""
            { "host": "localhost", "port": {{server.ImapPort}}, "tls": "none", "user": "{{user}}", "password": "env:PASSWORD" }
            """;

    private async Task<int> CountAsync(string user) => (await MailboxContent.ReadAsync(servers.New, user)).Count;

    private async Task<string> RunAsync(int code, params string[] arguments)
    {
        var (ended, output, errors) = await MigratorProcess.RunWithAsync(
            new Dictionary<string, string> { ["PASSWORD"] = DovecotServer.Password },
            _state.FullName,
            arguments
        );
        Assert.True(ended == code, $"{ended}: {output}{errors}");
        Assert.DoesNotContain("   at ", output + errors);
        return output + errors;
    }

    private static string Words(string text) => string.Join(' ', text.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries));

    private static JsonElement Line(string output, string name) =>
        output
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(line => line[0] == '{')
            .Select(line => JsonDocument.Parse(line).RootElement)
            .Last(line => line.GetProperty("event").GetString() == name);
}
