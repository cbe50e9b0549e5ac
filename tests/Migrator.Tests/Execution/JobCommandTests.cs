using System.Text.Json;
using Migrator.App.Output;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Execution;

/// <summary>What a person asks of jobs, and what the answer is where it cannot be done.</summary>
public sealed class JobCommandTests(DovecotFixture servers)
{
    [Fact]
    public async Task A_job_that_nobody_knows_is_a_mistake()
    {
        await using var organisation = new Organisation(servers.Old, servers.New, 1, 1);
        var job = organisation.WriteJob();

        foreach (
            var arguments in new string[][]
            {
                ["status", "mvoe"],
                ["jobs", "cancel", "mvoe"],
                ["jobs", "pause", "mvoe"],
                ["jobs", "resume", "mvoe"],
                ["jobs", "trigger", "mvoe"],
                ["jobs", "next", "mvoe"],
            }
        )
        {
            var (code, output, errors) = await organisation.RunAsync(arguments);
            Assert.True(code == ExitCode.Configuration, string.Join(' ', arguments) + output + errors);
            Assert.Contains("No job is named \"mvoe\". Did you mean \"move\"? There are: move.", errors);
        }

        await File.WriteAllTextAsync(job, "{", TestContext.Current.CancellationToken);
        Assert.Contains(
            $"There are none. {job} cannot be read, and may define it",
            (await organisation.RunAsync("jobs", "trigger", "move")).Errors
        );
    }

    [Fact]
    public async Task Where_the_jobs_directory_is_not_nothing_is_forgotten()
    {
        await using var organisation = new Organisation(servers.Old, servers.New, 2, 1);
        organisation.WriteJob();
        await organisation.RunAsync("run", "move");
        Directory.Delete(organisation.Jobs, recursive: true);

        var forgot = await organisation.RunAsync("jobs", "forget", "move");
        Assert.Equal(ExitCode.Configuration, forgot.Code);
        Assert.Contains("It is unknown whether move is gone: the jobs directory cannot be read.", forgot.Errors);
        foreach (var arguments in new string[][] { ["jobs", "list"], ["jobs", "next"] })
        {
            var (code, output, errors) = await organisation.RunAsync(arguments);
            Assert.True(code == ExitCode.Configuration, output + errors);
            Assert.Contains($"The jobs directory {organisation.Jobs} does not exist.", errors);
        }
        var status = await organisation.RunAsync("status");
        Assert.Contains("2 complete", status.Output);
        Assert.DoesNotContain("forget", status.Output);
    }

    [Fact]
    public async Task A_job_is_run_by_its_name_or_its_file()
    {
        await using var organisation = new Organisation(servers.Old, servers.New, 2, 1);
        organisation.WriteJob();

        Assert.Contains("2 of 2 mailboxes OK.", (await organisation.RunAsync("run", "move")).Output);
        Assert.Contains("2 of 2 mailboxes OK.", (await organisation.RunAsync("verify", "move")).Output);
        var unknown = await organisation.RunAsync("run", "mvoe");
        Assert.Equal(ExitCode.Configuration, unknown.Code);
        Assert.Contains("No job is named \"mvoe\". Did you mean \"move\"? There are: move.", unknown.Errors);
    }

    [Theory]
    [InlineData("check")]
    [InlineData("run")]
    public async Task What_the_service_would_not_take_no_command_takes(string command)
    {
        await using var organisation = new Organisation(servers.Old, servers.New, 1, 1);
        var job = organisation.WriteJob(more: "\"schedule\": { \"cron\": \"61 * * * *\", \"timeZone\": \"UTC\" },");

        var (code, output, errors) = await organisation.RunAsync(command, job);

        Assert.True(code == ExitCode.Configuration, output + errors);
        Assert.Contains("$.schedule.cron", errors);
        Assert.Contains("line 3", errors);
    }

    [Fact]
    public async Task A_job_can_be_paused_though_its_file_is_broken()
    {
        await using var organisation = new Organisation(servers.Old, servers.New, 1, 1);
        var job = organisation.WriteJob();
        await organisation.RunAsync("jobs", "trigger", "move");
        await File.WriteAllTextAsync(job, "{", TestContext.Current.CancellationToken);

        Assert.Contains("move is paused", (await organisation.RunAsync("jobs", "pause", "move")).Output);
        Assert.Contains("move resumed", (await organisation.RunAsync("jobs", "resume", "move")).Output);
    }

    [Fact]
    public async Task A_job_that_is_paused_is_not_waited_for()
    {
        await using var organisation = new Organisation(servers.Old, servers.New, 2, 1);
        var job = organisation.WriteJob();
        await organisation.RunAsync("jobs", "pause", "move");

        var run = await organisation.RunAsync("run", job);
        Assert.Equal(ExitCode.Configuration, run.Code);
        Assert.Contains("move is paused. Resume it with \"migrator jobs resume move\".", run.Errors);
        Assert.Contains(
            "2 mailboxes will run once \"migrator jobs resume move\" resumes it.",
            (await organisation.RunAsync("jobs", "trigger", "move")).Output
        );
    }

    [Fact]
    public async Task Mailboxes_are_named_as_the_list_names_them()
    {
        await using var organisation = new Organisation(servers.Old, servers.New, 2, 1);
        organisation.WriteJob(rows: ["Smith, Bob;b;b;env:NOWHERE"]);

        Assert.Contains(
            "move: 1 mailbox will run",
            (await organisation.RunAsync("jobs", "trigger", "move", "--only", "Smith, Bob")).Output
        );
        Assert.Contains(
            "move: 2 mailboxes will run",
            (await organisation.RunAsync("jobs", "trigger", "move", "--only", string.Join(',', organisation.People))).Output
        );
        foreach (var none in new[] { "", "," })
        {
            var nobody = await organisation.RunAsync("jobs", "trigger", "move", "--only", none);
            Assert.Equal(ExitCode.Configuration, nobody.Code);
            Assert.Contains("--only: names no mailbox.", nobody.Errors);
        }
    }

    [Fact]
    public async Task Of_those_that_failed_only_the_named_are_tried_again()
    {
        await using var organisation = new Organisation(servers.Old, servers.New, 3, 1);
        organisation.WriteJob();
        await organisation.RunAsync("jobs", "trigger", "move");
        await organisation.RunAsync("jobs", "cancel", "move");

        Assert.Contains(
            "move: 1 mailbox will run",
            (await organisation.RunAsync("jobs", "trigger", "move", "--failed", "--only", organisation.People[1])).Output
        );
    }

    [Fact]
    public async Task A_mailbox_whose_row_gets_a_mistake_while_it_waits_fails_with_that()
    {
        await using var organisation = new Organisation(servers.Old, servers.New, 2, 1);
        organisation.WriteJob();
        await organisation.RunAsync("jobs", "pause", "move");
        await organisation.RunAsync("jobs", "trigger", "move");
        await File.WriteAllTextAsync(
            organisation.List,
            (await File.ReadAllTextAsync(organisation.List, TestContext.Current.CancellationToken)).TrimEnd(';', '\n') + ";hunter2\n",
            TestContext.Current.CancellationToken
        );
        using var service = organisation.Serve();
        await organisation.RunAsync("jobs", "resume", "move");
        await ServeTests.UntilAsync(
            service,
            async () => (await ServeTests.StatesAsync(organisation)).All(state => state is not ("waiting" or "running"))
        );
        service.Interrupt();
        await service.EndAsync();

        var rows = (await organisation.RunAsync("status", "--json"))
            .Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonDocument.Parse(line).RootElement)
            .Where(line => line.GetProperty("event").GetString() == "mailbox")
            .Select(line => line.GetProperty("status"))
            .ToList();
        Assert.Equal(["complete", "failed"], rows.Select(row => row.GetProperty("state").GetString()));
        Assert.Equal("invalid-mailbox", rows[1].GetProperty("failure").GetProperty("code").GetString());
    }
}
