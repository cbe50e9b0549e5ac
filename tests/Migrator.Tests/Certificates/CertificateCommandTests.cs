using System.Text.Json;
using Migrator.App.Output;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Migrator.Tests.Worker;
using Xunit;
using static Migrator.Tests.Migrations.Letters;

namespace Migrator.Tests.Certificates;

/// <summary>Certificates of migrations between real servers, as a user makes and verifies them.</summary>
public sealed class CertificateCommandTests(DovecotFixture servers)
{
    [Fact]
    public async Task Every_message_of_the_source_is_in_one_state()
    {
        await using var harness = new Harness(servers.Old, servers.New);
        await using (var source = await harness.SourceAsync())
        {
            await FillAsync(source, "INBOX", 0, 7);
            await source.StoreAsync("INBOX", "7", "+FLAGS (\\Deleted)");
            await source.CreateAsync("Trash");
            await FillAsync(source, "Trash", 10, 2);
        }
        var job = await CommandTests.JobFileAsync(
            harness,
            """, "folders": { "exclude": ["Trash"] }, "messages": { "skipDeleted": true }"""
        );
        Assert.Equal(ExitCode.Success, (await MigratorProcess.RunAsync(harness.State, "run", job)).Code);
        await using (var target = await harness.TargetAsync())
        {
            await target.CreateAsync("Kept");
            await target.DeleteAsync("INBOX", "2");
            await target.StoreAsync("INBOX", "3", "+FLAGS (\\Flagged)");
            await target.AppendAsync("INBOX", Letter(99));
            await target.AppendAsync("Kept", Letter(3));
            await target.DeleteAsync("INBOX", "4");
        }

        var created = await MigratorProcess.RunAsync(harness.State, "certificate", "create", job, "--out", "certified");

        Assert.True(created.Code == ExitCode.Incomplete, created.Output + created.Errors);
        var file = Directory
            .GetFiles(Path.Combine(harness.State, "certified"), "*.jsonl")
            .Single(path => !path.EndsWith("job.jsonl", StringComparison.Ordinal));
        var lines = (await File.ReadAllLinesAsync(file, TestContext.Current.CancellationToken))
            .Select(line => JsonDocument.Parse(line).RootElement)
            .ToList();
        Assert.Equal(
            [
                "INBOX 1 identical",
                "INBOX 2 missing",
                "INBOX 3 different flags",
                "INBOX 4 moved Kept",
                "INBOX 5 identical",
                "INBOX 6 identical",
                "INBOX 7 skipped",
                "Trash 1 skipped",
                "Trash 2 skipped",
            ],
            lines.Where(line => Text(line, "type") == "message").Select(Words)
        );
        Assert.Single(lines, line => Text(line, "type") == "extra");
        Assert.Equal("not identical", Text(lines[^1], "verdict"));
        Assert.DoesNotContain("Letter", await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
        var page = await File.ReadAllTextAsync(Path.ChangeExtension(file, ".html"), TestContext.Current.CancellationToken);
        Assert.DoesNotContain("Letter", page);
        Assert.Contains(Text(lines[^1], "root"), page);

        var verified = await MigratorProcess.RunAsync(harness.State, "certificate", "verify", "certified/job.jsonl");
        Assert.True(verified.Code == ExitCode.Success, verified.Output + verified.Errors);
        Assert.Contains("not known beyond its fingerprint", verified.Output);
        Assert.Empty(await PythonVerifier.CodesAsync(Path.Combine(harness.State, "certified", "job.jsonl")));
    }

    [Fact]
    public async Task A_target_that_has_changed_since_is_named()
    {
        await using var harness = new Harness(servers.Old, servers.New);
        await using (var source = await harness.SourceAsync())
            await FillAsync(source, "INBOX", 0, 4);
        var job = await CommandTests.JobFileAsync(harness);
        Assert.Equal(ExitCode.Success, (await MigratorProcess.RunAsync(harness.State, "run", job)).Code);
        var created = await MigratorProcess.RunAsync(harness.State, "certificate", "create", job, "--out", "certified", "--json");
        Assert.True(created.Code == ExitCode.Success, created.Output + created.Errors);
        var certificates = created
            .Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonDocument.Parse(line).RootElement)
            .Where(line => Text(line, "event") == "certificate")
            .ToList();
        Assert.Equal(2, certificates.Count);
        string[] verify =
        [
            "certificate",
            "verify",
            Text(certificates[0], "file"),
            "--trust",
            Text(certificates[0], "signer"),
            "--against",
            $"imaps://{harness.TargetUser}@localhost:{harness.Job.Target.Port}?fingerprint={harness.New.Fingerprint}",
        ];

        var same = await MigratorProcess.RunAsync(harness.State, verify);
        await using (var target = await harness.TargetAsync())
        {
            await target.StoreAsync("INBOX", "1", "+FLAGS (\\Flagged)");
            await target.DeleteAsync("INBOX", "3");
            await target.AppendAsync("INBOX", Letter(99));
        }
        var changed = await MigratorProcess.RunAsync(harness.State, verify);

        Assert.True(same.Code == ExitCode.Success, same.Output + same.Errors);
        Assert.Contains("the trusted signer", same.Output);
        Assert.Contains("4 messages at the target compared", same.Output);
        Assert.True(changed.Code == ExitCode.Incomplete, changed.Output + changed.Errors);
        Assert.Contains("INBOX 1: changed since: flags", changed.Output);
        Assert.Contains("INBOX 3: the message is no longer there", changed.Output);
        Assert.Equal(2, changed.Output.Split("[target-changed]").Length - 1);
    }

    private static string Words(JsonElement line) =>
        string.Join(
            ' ',
            new[]
            {
                Text(line, "folder"),
                line.GetProperty("uid").ToString(),
                Text(line, "state"),
                line.TryGetProperty("differences", out var differences)
                    ? string.Join(',', differences.EnumerateArray().Select(difference => difference.GetString()))
                    : null,
                Text(line, "state") == "moved" ? line.GetProperty("target").GetProperty("folder").GetString() : null,
            }.OfType<string>()
        );

    private static string Text(JsonElement line, string name) => line.GetProperty(name).GetString()!;
}
