using System.Text.Json;
using Migrator.App.Output;
using Migrator.Core.Pacing;
using Migrator.Tests.Jobs;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Migrator.Tests.Worker;
using Xunit;

namespace Migrator.Tests.Pacing;

/// <summary><c>limits</c> of a job, from the file to what a person sees.</summary>
public sealed class LimitedJobTests(DovecotFixture servers)
{
    private const string Place = "\"auth\": \"scram-sha-256\"";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public void All_limits_are_read()
    {
        var limits = JobText
            .Parse(
                JobText.With(
                    Place,
                    """
                    "limits": { "messagesPerSecond": 4, "bytesPerSecond": "500 KiB", "downloadPerDay": "none", "uploadPerDay": "450 MiB",
                      "host": { "messagesPerSecond": 9, "bytesPerSecond": "1 KiB", "downloadPerDay": "2 GiB", "uploadPerDay": "none" } }
                    """
                )
            )
            .Source.Limits;

        Assert.Equal(
            new PaceLimits
            {
                MessagesPerSecond = 4,
                BytesPerSecond = 500 << 10,
                DownloadPerDay = long.MaxValue,
                UploadPerDay = 450 << 20,
            },
            limits.Account
        );
        Assert.Null(limits.Account.PerDay(TransferDirection.Download));
        Assert.Equal((9, 1024, 2L << 30), (limits.Host.MessagesPerSecond, limits.Host.BytesPerSecond, limits.Host.DownloadPerDay));
    }

    [Theory]
    [InlineData("\"uploadPerDay\": \"much\"", "$.source.limits.uploadPerDay", "or \"none\" for no limit")]
    [InlineData("\"downloadPerDay\": \"1 KiB\"", "$.source.limits.downloadPerDay", "at least \"1 MiB\"")]
    [InlineData("\"bytesPerSecond\": \"none\"", "$.source.limits.bytesPerSecond", "at least \"1 KiB\"")]
    [InlineData("\"bytesPerSecond\": \"4 GiB\"", "$.source.limits.bytesPerSecond", "write a size")]
    [InlineData("\"messagesPerSecond\": 0", "$.source.limits.messagesPerSecond", "from 1 to")]
    [InlineData("\"host\": { \"connections\": 1 }", "$.source.limits.host.connections", "")]
    [InlineData("\"perDay\": \"1 GiB\"", "$.source.limits.perDay", "")]
    public void What_is_no_limit_is_refused_with_what_is_one(string limit, string path, string words)
    {
        var error = Assert.Single(JobText.Errors(JobText.With(Place, $"\"limits\": {{ {limit} }}")));

        Assert.Equal(path, error.Path);
        Assert.Contains(words, error.Message);
    }

    [Fact]
    public async Task A_check_foretells_the_end_and_a_run_waits_and_tells_until_when()
    {
        await using var harness = new Harness(servers.Old, servers.New);
        await using (var source = await harness.SourceAsync())
            await Letters.FillAsync(source, "INBOX", 0, 30, 100_000);
        var job = Path.Combine(harness.State, "job.json");
        await File.WriteAllTextAsync(
            job,
            $$"""
            {
              "source": {{End(servers.Old, harness.SourceUser, "SOURCE", "")}},
              "target": {{End(servers.New, harness.TargetUser, "TARGET", """, "limits": { "uploadPerDay": "1 MiB" }""")}}
            }
            """,
            Stop
        );

        var (_, json, _) = await MigratorProcess.RunAsync(harness.State, "check", job, "--json");
        var (_, text, _) = await MigratorProcess.RunAsync(harness.State, "check", job);
        var output = Path.Combine(harness.State, "output.txt");
        using var run = MigratorProcess.StartInShell($"> '{output}'", harness.State, "run", job);
        using (var limit = CancellationTokenSource.CreateLinkedTokenSource(Stop))
        {
            limit.CancelAfter(TimeSpan.FromMinutes(2));
            while (!File.Exists(output) || !(await File.ReadAllTextAsync(output, limit.Token)).Contains("Press Ctrl-C"))
                await Task.Delay(50, limit.Token);
        }
        run.Interrupt();
        var (code, _, errors) = await run.EndAsync();

        var days = (JsonDocument.Parse(json).RootElement.GetProperty("completeBy").GetDateTimeOffset() - DateTimeOffset.UtcNow).TotalDays;
        Assert.InRange(days, 1.5, 4);
        Assert.Contains("Daily limits let a run that begins now be complete by about", text);
        var said = string.Join(
            ' ',
            (await File.ReadAllTextAsync(output, Stop)).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
        );
        Assert.Matches(@"bytes were sent in the last 24 hours, and 1,048,576 are the limit\. Waiting for the daily limit until 2\d", said);
        Assert.Contains("it lets the mailbox be complete by about", said);
        Assert.True(code == ExitCode.Interrupted, $"{code}: {errors}");
        Assert.InRange((await harness.TargetContentAsync()).Count, 5, 10);
    }

    private static string End(DovecotServer server, string user, string end, string more) =>
        $$"""
            {
              "host": "localhost", "port": {{server.ImapsPort}}, "user": "{{user}}", "password": "env:MIGRATOR_{{end}}_PASSWORD",
              "certificate": { "fingerprint": "{{server.Fingerprint}}" }{{more}}
            }
            """;
}
