using System.Text.Json;
using Migrator.App.Output;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Execution;

/// <summary>A job of many mailboxes, run by hand.</summary>
public sealed class JobRunCommandTests(DovecotFixture servers)
{
    [Fact]
    public async Task All_mailboxes_of_a_list_are_moved_and_bad_rows_stop_none_of_them()
    {
        await using var organisation = new Organisation(servers.Old, servers.New, 12, 5);
        var wrong = organisation.WriteJob(rows: ["nobody;nobody;nobody;hunter2", $"{organisation.People[0]};x;x;"]);

        var run = await organisation.RunAsync("run", wrong);
        Assert.True(run.Code == ExitCode.Configuration, run.Output + run.Errors);
        Assert.Contains("12 of 14 mailboxes OK. 2 failed: ", run.Output);
        Assert.Contains("60 found = 60 copied\n", run.Output);
        Assert.Matches($@"(?m)^Mailbox +Result +Messages +Copied +Why$", run.Output);
        Assert.Equal(12, System.Text.RegularExpressions.Regex.Count(run.Output, @"(?m)^p\S+ +OK +5/5 +5$"));
        Assert.DoesNotContain("moved", run.Output);
        await Overview.ShouldBeWholeAsync(run.Output, "run", organisation.People, wrong: null);
        Assert.Contains("people.csv line 14", run.Output);
        Assert.DoesNotContain("hunter2", run.Output + run.Errors);
        await organisation.ShouldHaveMovedAsync(organisation.People);

        var status = await organisation.RunAsync("status", "--json");
        var rows = status
            .Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonDocument.Parse(line).RootElement)
            .Where(line => line.GetProperty("event").GetString() == "mailbox")
            .Select(line => line.GetProperty("status"))
            .ToList();
        Assert.Equal(ExitCode.Incomplete, status.Code);
        Assert.Equal(
            12,
            rows.Count(row =>
                row.GetProperty("state").GetString() == "complete" && row.GetProperty("counts").GetProperty("delivered").GetInt32() == 5
            )
        );
        Assert.Contains(
            rows,
            row =>
                row.GetProperty("mailbox").GetString() == "nobody"
                && row.GetProperty("failure").GetProperty("code").GetString() == "invalid-mailbox"
        );

        organisation.WriteJob();
        var failed = await organisation.RunAsync("run", wrong, "--failed");
        Assert.Contains("no mailbox has failed", failed.Output);
    }

    [Fact]
    public async Task What_no_job_file_names_any_more_is_said_and_forgotten_when_told()
    {
        await using var organisation = new Organisation(servers.Old, servers.New, 2, 1);
        var job = organisation.WriteJob(rows: ["nobody;a;b;hunter2", "noone;a;b;hunter2"]);
        await organisation.RunAsync("run", job);
        organisation.WriteJob(rows: ["noone;a;b;hunter2"]);
        var status = await organisation.RunAsync("status");
        Assert.Contains($"In no job file of {organisation.Jobs}: 1 mailbox of move.", status.Output);
        Assert.Contains("\"migrator jobs forget move\" removes it from this list", status.Output);

        var wanted = await organisation.RunAsync("jobs", "forget", "move", "--mailbox", "noone");
        Assert.Equal(ExitCode.Configuration, wanted.Code);
        Assert.Contains("noone is still in the job file of move", wanted.Errors);
        Assert.Contains("move: 1 mailbox forgotten.", (await organisation.RunAsync("jobs", "forget", "move")).Output);
        Assert.Contains("nothing to forget", (await organisation.RunAsync("jobs", "forget", "move")).Output);
        Assert.Equal(3, (await ServeTests.StatesAsync(organisation)).Count);

        // Broken where nobody read it before: it may be any job's.
        await File.WriteAllTextAsync(job, "{", TestContext.Current.CancellationToken);
        var broken = await organisation.RunAsync("jobs", "forget", "move");
        Assert.Equal(ExitCode.Configuration, broken.Code);
        Assert.Contains($"{job} cannot be read", broken.Errors);
        Assert.DoesNotContain("no job file", (await organisation.RunAsync("status")).Output);
        File.Delete(job);
        Assert.Contains("move: 3 mailboxes forgotten.", (await organisation.RunAsync("jobs", "forget", "move")).Output);
        Assert.Empty(await ServeTests.StatesAsync(organisation));
        Assert.Contains("move: no mailbox is recorded.", (await organisation.RunAsync("jobs", "forget", "move")).Output);
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
        Assert.Contains("\"nobody\" is not a mailbox of this job", unknown.Errors);
        Assert.Contains("1 of 1 mailbox OK.", only.Output);
        Assert.Contains("3 found = 3 copied", only.Output);

        var all = await organisation.RunAsync("run", job);
        Assert.Equal(ExitCode.Connection, all.Code);
        Assert.Contains("4 of 5 mailboxes OK. 1 failed: zoe.", all.Output);
        Assert.Matches(@"(?m)^  authentication-failed \(zoe\): ", all.Output);
        await Overview.ShouldBeWholeAsync(all.Output, "run", organisation.People, wrong: "zoe");
        await File.WriteAllTextAsync(bad, DovecotServer.Password, TestContext.Current.CancellationToken);
        var failed = await organisation.RunAsync("run", job, "--failed");
        Assert.True(failed.Code == ExitCode.Success, failed.Output + failed.Errors);
        Assert.Contains("1 of 1 mailbox OK.", failed.Output);
    }

    [Fact]
    public async Task Status_says_whole_why_a_mailbox_failed_and_what_to_do()
    {
        await using var organisation = new Organisation(servers.Old, servers.New, 2, 1);
        var job = organisation.WriteJob(rows: ["zoe;a;b;file:not-there.txt", "zack;c;d;file:not-there-either.txt"]);
        var before = await organisation.RunAsync("status");
        Assert.Contains("move: 4 never ran.", before.Output);
        Assert.Matches("zack +never ran", before.Output);
        await organisation.RunAsync("run", job);

        var status = await organisation.RunAsync("status");
        Assert.Equal(ExitCode.Incomplete, status.Code);
        Assert.Contains("move: 2 complete, 2 failed. Manual.", status.Output);
        Assert.Contains("secret-missing: Store it where the job refers to", status.Output);
        Assert.Contains("not-there.txt: there is no such file.", status.Output);
        Assert.Contains("not-there-either.txt: there is no such file.", status.Output);
        var failed = await organisation.RunAsync("status", "move", "--failed");
        Assert.DoesNotContain($"{organisation.People[0]} ", failed.Output);
        Assert.Matches("(?m)^zoe +failed ", failed.Output);

        var mistyped = await organisation.RunAsync("jobs", "cancel", "move", "--mailbox", "zeo");
        Assert.Equal(
            (ExitCode.Configuration, true),
            (mistyped.Code, mistyped.Errors.Contains("move has no mailbox \"zeo\"", StringComparison.Ordinal))
        );
        Assert.Contains("nothing is queued or running", (await organisation.RunAsync("jobs", "cancel", "move", "--mailbox", "zoe")).Output);
    }

    [Fact]
    public async Task What_was_copied_before_an_interruption_is_reported()
    {
        await using var organisation = new Organisation(servers.Old, servers.New, 3, 4);
        organisation.WriteSettings("""{ "Worker": { "MaxConcurrency": 1 } }""");
        var (begun, first, never) = (0, "", new TaskCompletionSource());
        var held = new TaskCompletionSource();
        await using var proxy = new LoopbackProxy(servers.Old.ImapPort)
        {
            // The first mailbox is copied; the second never gets an answer.
            Sees = (fromServer, text) =>
            {
                var person = organisation.People.FirstOrDefault(name => !fromServer && Overview.LogsIn(text, name));
                if (person is not null && first.Length == 0)
                    first = person;
                else if (person is not null && person != first && Interlocked.Exchange(ref begun, 1) == 0)
                    held.TrySetResult();
            },
            HoldUp = () => held.Task.IsCompleted ? never.Task : Task.CompletedTask,
        };

        using var run = organisation.Start("run", organisation.WriteJob(sourcePort: proxy.Port));
        await held.Task.WaitAsync(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken);
        run.Interrupt();
        var (code, output, errors) = await run.EndAsync();
        never.SetResult();

        Assert.True(code == ExitCode.Interrupted, output + errors);
        Assert.Contains("Interrupted: 1 of 3 mailboxes OK. 2 not finished: ", output);
        Assert.Contains("4 found = 4 copied", output);
        Assert.DoesNotContain(" 0 ", output);
        Assert.DoesNotContain("remaining", output);
        await Overview.ShouldBeWholeAsync(output, "run", [first], wrong: null);
    }
}
