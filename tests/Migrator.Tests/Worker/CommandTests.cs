using System.Text.Json;
using Migrator.App.Output;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Xunit;
using static Migrator.Tests.Migrations.Letters;

namespace Migrator.Tests.Worker;

/// <summary>The commands as a user types them, good and bad.</summary>
public sealed class CommandTests(DovecotFixture servers)
{
    [Fact]
    public async Task Run_check_and_verify_of_a_job_file()
    {
        await using var harness = new Harness(servers.Old, servers.New);
        await using (var source = await harness.SourceAsync())
        {
            await FillAsync(source, "INBOX", 0, 5);
            await source.CreateAsync("Trash");
            await FillAsync(source, "Trash", 10, 2);
        }
        var job = await JobFileAsync(harness, """, "folders": { "exclude": ["Trash"] }""");

        var check = await MigratorProcess.RunAsync(harness.State, "check", job);
        Assert.Equal(0, (await harness.TargetContentAsync()).Count);
        var run = await MigratorProcess.RunAsync(harness.State, "run", job);
        var again = await MigratorProcess.RunAsync(harness.State, "run", job);
        var verify = await MigratorProcess.RunAsync(harness.State, "verify", job);

        Assert.All([check, run, again, verify], ended => Assert.True(ended.Code == ExitCode.Success, ended.Output + ended.Errors));
        Assert.Contains("Ready to run", check.Output);
        Assert.Contains("7 found = 5 copied + 2 skipped by rule", run.Output);
        Assert.Contains("7 found = 5 already there + 2 skipped by rule", again.Output);
        Assert.Contains("Identical", verify.Output);
        Assert.NotEmpty(Directory.GetFiles(Path.Combine(harness.State, "reports"), "*-verify.html"));
        Assert.NotEmpty(Directory.GetFiles(Path.Combine(harness.State, "reports"), "*-run.json"));
    }

    [Fact]
    public async Task Verify_names_what_differs()
    {
        await using var harness = new Harness(servers.Old, servers.New);
        await using (var source = await harness.SourceAsync())
            await FillAsync(source, "INBOX", 0, 5);
        await harness.RunAsync(TestContext.Current.CancellationToken);
        await using (var target = await harness.TargetAsync())
        {
            await target.DeleteAsync("INBOX", "2");
            await target.StoreAsync("INBOX", "3", "+FLAGS (\\Flagged)");
            await target.AppendAsync("INBOX", Letter(99));
        }
        var job = await JobFileAsync(harness);

        var (code, output, _) = await MigratorProcess.RunAsync(harness.State, "verify", job);

        Assert.Equal(ExitCode.Incomplete, code);
        Assert.Contains("Letter 1", output);
        var report = JsonDocument.Parse(
            await File.ReadAllTextAsync(
                Directory.GetFiles(Path.Combine(harness.State, "reports"), "*-verify.json").Single(),
                TestContext.Current.CancellationToken
            )
        );
        var kinds = report
            .RootElement.GetProperty("differences")
            .EnumerateArray()
            .Select(difference => difference.GetProperty("kind").GetString())
            .Order();
        Assert.Equal(["extra", "flags", "missing"], kinds);
    }

    [Fact]
    public async Task Json_output_is_json_line_by_line()
    {
        await using var harness = new Harness(servers.Old, servers.New);
        await using (var source = await harness.SourceAsync())
            await FillAsync(source, "INBOX", 0, 5);
        var job = await JobFileAsync(harness);

        var run = await MigratorProcess.RunAsync(harness.State, "run", job, "--json");
        var check = await MigratorProcess.RunAsync(harness.State, "check", job, "--json");

        Assert.Equal(ExitCode.Success, run.Code);
        var lines = (run.Output + check.Output)
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonDocument.Parse(line).RootElement.GetProperty("event").GetString())
            .ToList();
        Assert.Contains("report", lines);
        Assert.Equal("check", lines[^1]);
    }

    [Fact]
    public async Task Interrupt_stops_at_a_safe_point_and_says_how_to_resume()
    {
        await using var harness = new Harness(servers.Old, servers.New);
        await using (var source = await harness.SourceAsync())
            await FillAsync(source, "INBOX", 0, 1200);
        MigratorProcess? running = null;
        var (appends, interrupted) = (0, false);
        await using var proxy = new LoopbackProxy(servers.New.ImapPort)
        {
            Sees = (fromServer, text) =>
            {
                if (fromServer && text.Contains("APPENDUID", StringComparison.Ordinal) && Interlocked.Increment(ref appends) == 2)
                {
                    // However slowly the signal gets through: until then nothing more goes to the target.
                    Volatile.Write(ref interrupted, true);
                    running!.Interrupt();
                }
            },
            StallWhen = _ => Volatile.Read(ref interrupted),
        };
        string[] copy =
        [
            "copy",
            $"imap://{harness.SourceUser}@localhost:{servers.Old.ImapPort}?tls=none",
            $"imap://{harness.TargetUser}@localhost:{proxy.Port}?tls=none",
        ];

        running = MigratorProcess.Start(harness.State, copy);
        var (code, output, errors) = await running.EndAsync();
        running.Dispose();
        Volatile.Write(ref interrupted, false);
        var again = await MigratorProcess.RunAsync(harness.State, copy);

        Assert.True(code == ExitCode.Interrupted, $"{code}: {output}{errors}");
        Assert.Contains("again", output, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("   at ", output + errors);
        Assert.Equal(ExitCode.Success, again.Code);
        (await harness.SourceContentAsync()).ShouldEqual(await harness.TargetContentAsync());
    }

    [Fact]
    public async Task Two_runs_of_one_mailbox_at_once_are_refused()
    {
        await using var harness = new Harness(servers.Old, servers.New);
        await using var store = harness.OpenStore();
        await using var held = await store.OpenAsync(
            new Core.Checkpoints.MailboxPair(harness.Job.Source.Account, harness.Job.Target.Account),
            TestContext.Current.CancellationToken
        );

        var (code, _, errors) = await MigratorProcess.RunAsync(harness.State, "run", await JobFileAsync(harness));

        Assert.Equal(ExitCode.Configuration, code);
        Assert.Contains("Another run", errors);
    }

    [Theory]
    [InlineData(ExitCode.Configuration, "not this", "Try --help", "bogus")]
    [InlineData(ExitCode.Configuration, "names no user", "", "copy", "imaps://localhost", "imaps://ann@localhost")]
    [InlineData(
        ExitCode.Configuration,
        "contains a password",
        "hunter2",
        "copy",
        "imaps://ann:hunter2@localhost",
        "imaps://ann@localhost:994"
    )]
    [InlineData(ExitCode.Configuration, "can only be read from", "", "copy", "imaps://ann@localhost", "pop3s://ann@localhost")]
    [InlineData(ExitCode.Configuration, "same account", "", "copy", "imaps://ann@localhost", "imaps://ann@localhost")]
    [InlineData(ExitCode.Configuration, "cannot be read", "", "run", "nowhere.json")]
    [InlineData(
        ExitCode.Configuration,
        "never the password itself",
        "hunter2",
        "copy",
        "imaps://a@localhost",
        "imaps://b@localhost",
        "--source-password",
        "hunter2"
    )]
    [InlineData(ExitCode.Connection, "host-unknown", "", "copy", "imaps://a@no-such-host.invalid", "imaps://b@localhost")]
    [InlineData(ExitCode.Connection, "connection-refused", "", "copy", "imaps://a@localhost:1", "imaps://b@localhost")]
    public async Task Wrong_input_gets_words_and_a_code(int code, string said, string notSaid, params string[] arguments)
    {
        var state = Directory.CreateTempSubdirectory("state");

        var ended = await MigratorProcess.RunAsync(state.FullName, arguments);

        state.Delete(recursive: true);
        Assert.True(ended.Code == code, $"{ended.Code}: {ended.Output}{ended.Errors}");
        if (said != "not this")
            Assert.Contains(said, ended.Output + ended.Errors);
        if (notSaid.Length > 0 && said != "not this")
            Assert.DoesNotContain(notSaid, ended.Output + ended.Errors);
        Assert.DoesNotContain("   at ", ended.Output + ended.Errors);
    }

    internal static async Task<string> JobFileAsync(Harness harness, string more = "")
    {
        var path = Path.Combine(harness.State, "job.json");
        await File.WriteAllTextAsync(
            path,
            $$"""
            { // a comment
              "source": { "host": "localhost", "port": {{harness.Job.Source.Port}},
                  "user": "{{harness.SourceUser}}", "password": "env:MIGRATOR_SOURCE_PASSWORD",
                  "certificate": { "fingerprint": "sha256:{{harness.Old.Fingerprint}}" } },
              "target": { "host": "localhost", "port": {{harness.Job.Target.Port}},
                  "user": "{{harness.TargetUser}}", "password": "env:MIGRATOR_TARGET_PASSWORD",
                  "certificate": { "fingerprint": "{{harness.New.Fingerprint}}" } }{{more}},
            }
            """
        );
        return path;
    }
}
