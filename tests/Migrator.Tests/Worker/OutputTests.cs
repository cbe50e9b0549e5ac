using Migrator.App.Output;
using Migrator.Tests.Execution;
using Migrator.Tests.Jobs;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Worker;

/// <summary>Standard output and standard error that are full, closed, or read by nobody.</summary>
public sealed class OutputTests(DovecotFixture servers) : IDisposable
{
    private readonly DirectoryInfo _state = Directory.CreateTempSubdirectory("output");

    public void Dispose() => _state.Delete(recursive: true);

    [Theory]
    [InlineData(">/dev/full", ExitCode.OutputLost)]
    [InlineData(">&-", ExitCode.OutputLost)]
    [InlineData(">&- 2>&-", ExitCode.OutputLost)]
    [InlineData(">/dev/full 2>/dev/full", ExitCode.OutputLost)]
    [InlineData("<&- >&- 2>&-", ExitCode.OutputLost)]
    [InlineData("2>&-", ExitCode.Success)]
    [InlineData("2>/dev/full", ExitCode.Success)]
    [InlineData("| head -1", ExitCode.Success)]
    public async Task A_command_that_shows_something_says_whether_it_could(string redirection, int code)
    {
        foreach (
            var arguments in new string[][]
            {
                ["status"],
                ["status", "--json"],
                ["jobs", "list", "--set", $"JobsDirectory={_state.FullName}"],
            }
        )
            await ShouldEndAsync(code, redirection, arguments);
    }

    [Theory]
    [InlineData(">/dev/full")]
    [InlineData(">&- 2>&-")]
    public async Task Help_that_cannot_be_shown_is_no_fault(string redirection)
    {
        using var process = MigratorProcess.StartInShell(redirection, _state.FullName, "--help");
        Assert.Equal(ExitCode.OutputLost, (await process.EndAsync()).Code);
    }

    [Theory]
    [InlineData(">/dev/full")]
    [InlineData(">&-")]
    [InlineData("2>&-")]
    [InlineData(">&- 2>&-")]
    [InlineData(">/dev/full 2>/dev/full")]
    [InlineData("| head -1")]
    public async Task A_command_line_that_is_wrong_stays_wrong(string redirection) =>
        await ShouldEndAsync(ExitCode.Configuration, redirection, "archive", "prune", "x", "--keep-daily", "many");

    [Theory]
    [InlineData(">/dev/full")]
    [InlineData(">&-")]
    [InlineData(">&- 2>&-")]
    [InlineData(">/dev/full 2>/dev/full")]
    [InlineData("| head -1")]
    public async Task Mail_is_copied_all_the_same_and_the_report_is_written(string redirection)
    {
        await using var harness = new Harness(servers.Old, servers.New);
        await using (var source = await harness.SourceAsync())
            await Letters.FillAsync(source, "INBOX", 0, 20);
        var job = await CommandTests.JobFileAsync(harness);

        await ShouldEndAsync(ExitCode.Success, redirection, "run", job);
        (await harness.SourceContentAsync()).ShouldEqual(await harness.TargetContentAsync());
        await ShouldEndAsync(ExitCode.Success, redirection, "verify", job, "--json");

        Assert.Equal(2, Directory.GetFiles(Path.Combine(_state.FullName, "reports"), "*.json").Length);
    }

    [Fact]
    public async Task A_report_that_cannot_be_written_leaves_the_outcome_as_it_is()
    {
        await using var harness = new Harness(servers.Old, servers.New);
        await using (var source = await harness.SourceAsync())
            await Letters.FillAsync(source, "INBOX", 0, 3);
        await File.WriteAllTextAsync(Path.Combine(_state.FullName, "reports"), "in the way", TestContext.Current.CancellationToken);

        var (code, output, errors) = await MigratorProcess.RunAsync(_state.FullName, "run", await CommandTests.JobFileAsync(harness));

        Assert.True(code == ExitCode.Success, output + errors);
        Assert.Contains("Complete: all 3 messages", output);
        Assert.Contains("The report cannot be written to", errors);
    }

    [Theory]
    [InlineData(">/dev/full 2>/dev/full")]
    [InlineData(">&- 2>&-")]
    [InlineData("<&- >&- 2>&-")]
    public async Task A_service_works_and_stops_in_order_without_a_place_for_its_log(string redirection)
    {
        await using var organisation = new Organisation(servers.Old, servers.New, 2, 5);
        organisation.WriteJob();
        Assert.Equal(ExitCode.Success, (await organisation.RunAsync("jobs", "trigger", "move")).Code);
        using var service = MigratorProcess.StartInShell(
            redirection,
            organisation.State,
            "serve",
            "--set",
            $"JobsDirectory={organisation.Jobs}",
            "--set",
            $"Dashboard:Urls=http://127.0.0.1:{DovecotServer.FreePorts(1)[0]}"
        );

        await ServeTests.UntilAsync(service, async () => (await ServeTests.StatesAsync(organisation)).All(state => state == "complete"));
        service.Interrupt();

        Assert.Equal(ExitCode.Success, (await service.EndAsync()).Code);
        await organisation.ShouldHaveMovedAsync(organisation.People);
    }

    private async Task ShouldEndAsync(int code, string redirection, params string[] arguments)
    {
        using var process = MigratorProcess.StartInShell(redirection, _state.FullName, arguments);
        var ended = await process.EndAsync();

        Assert.True(ended.Code == code, $"{string.Join(' ', arguments)} {redirection}: {ended}");
        Assert.DoesNotContain("   at ", ended.Output + ended.Errors);
        Assert.DoesNotContain("nternal error in Migrator", ended.Output + ended.Errors);
    }
}
