using System.Text.Json;
using Migrator.Tests.Servers;
using Migrator.Worker;
using Xunit;

namespace Migrator.Tests.Serving;

/// <summary>A job of many mailboxes, run by hand.</summary>
public sealed class RoundCommandTests(DovecotFixture servers)
{
    [Fact]
    public async Task All_mailboxes_of_a_list_are_moved_and_bad_rows_stop_none_of_them()
    {
        await using var organisation = new Organisation(servers.Old, servers.New, 12, 5);
        var wrong = organisation.WriteJob(rows: ["nobody;nobody;nobody;hunter2", $"{organisation.People[0]};x;x;"]);

        var run = await organisation.RunAsync("run", wrong);
        Assert.True(run.Code == ExitCode.Incomplete, run.Output + run.Errors);
        Assert.Contains("12 of 14 mailboxes complete. 60 messages found: 60 moved", run.Output);
        Assert.Contains("people.csv line 14", run.Output);
        Assert.DoesNotContain("hunter2", run.Output + run.Errors);
        await organisation.ShouldHaveMovedAsync(organisation.People);

        var status = await organisation.RunAsync("status", "--json");
        var rows = status.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).Where(line => line.GetProperty("event").GetString() == "mailbox").Select(line => line.GetProperty("status")).ToList();
        Assert.Equal(ExitCode.Incomplete, status.Code);
        Assert.Equal(12, rows.Count(row => row.GetProperty("state").GetString() == "complete" && row.GetProperty("counts").GetProperty("delivered").GetInt32() == 5));
        Assert.Contains(rows, row => row.GetProperty("mailbox").GetString() == "nobody" && row.GetProperty("failure").GetProperty("code").GetString() == "bad-row");

        organisation.WriteJob();
        var failed = await organisation.RunAsync("run", wrong, "--failed");
        Assert.Contains("no mailbox has failed", failed.Output);
    }

    [Fact]
    public async Task Only_those_that_are_named_or_failed_are_run()
    {
        await using var organisation = new Organisation(servers.Old, servers.New, 4, 3);
        var bad = Path.Combine(organisation.State, "bad.txt");
        await File.WriteAllTextAsync(bad, "wrong", TestContext.Current.CancellationToken);
        var job = organisation.WriteJob(rows: [$"zoe;{organisation.People[0]}z;{organisation.People[0]}z;file:{bad}"]);

        var unknown = await organisation.RunAsync("run", job, "--only", "nobody");
        var only = await organisation.RunAsync("run", job, "--only", organisation.People[1]);
        Assert.Equal(ExitCode.Configuration, unknown.Code);
        Assert.Contains("\"nobody\" is no mailbox of this job", unknown.Errors);
        Assert.Contains("1 of 1 mailbox complete. 3 messages found: 3 moved", only.Output);

        var all = await organisation.RunAsync("run", job);
        Assert.Contains("4 of 5 mailboxes complete", all.Output);
        Assert.Contains("login-refused", all.Output);
        await File.WriteAllTextAsync(bad, DovecotServer.Password, TestContext.Current.CancellationToken);
        var failed = await organisation.RunAsync("run", job, "--failed");
        Assert.True(failed.Code == ExitCode.Success, failed.Output + failed.Errors);
        Assert.Contains("1 of 1 mailbox complete", failed.Output);
    }
}
