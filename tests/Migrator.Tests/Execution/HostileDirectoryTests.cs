using Migrator.App.Output;
using Migrator.Tests.Jobs;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Execution;

/// <summary>The service in a jobs directory full of files that are none.</summary>
public sealed class HostileDirectoryTests(DovecotFixture servers)
{
    [Fact]
    public async Task A_good_job_runs_and_every_bad_file_is_reported()
    {
        await using var organisation = new Organisation(servers.Old, servers.New, 2, 3);
        organisation.WriteJob();
        var hostile = new HostileFiles(organisation.Jobs, seed: 16).Write(mutants: Proof.Of(25, 100));
        Assert.Equal(ExitCode.Success, (await organisation.RunAsync("jobs", "trigger", "move")).Code);
        using var service = organisation.Serve();

        await ServeTests.UntilAsync(
            service,
            async () => (await ServeTests.StatesAsync(organisation)).Count(state => state == "complete") == organisation.People.Count
        );
        // While it runs, too: one more, and a job that comes after it.
        await File.WriteAllTextAsync(
            Path.Combine(organisation.Jobs, "late.csv"),
            "name,source user\nann,ann\n",
            TestContext.Current.CancellationToken
        );
        await File.WriteAllTextAsync(
            Path.Combine(organisation.Jobs, "late.json"),
            HostileFiles.Listed("late.csv"),
            TestContext.Current.CancellationToken
        );
        Assert.False(service.HasEnded);
        service.Interrupt();
        var (code, output, errors) = await service.EndAsync();
        var (listed, list, listErrors) = await organisation.RunAsync("jobs", "list");

        Assert.True(code == ExitCode.Success, errors);
        await organisation.ShouldHaveMovedAsync(organisation.People);
        Assert.All(hostile.Bad, file => Assert.Contains(Path.GetFileName(file), output));
        Assert.Equal((ExitCode.Configuration, ""), (listed, listErrors));
        Assert.All(hostile.Bad, file => Assert.Contains(Path.GetFileName(file), list));
        Assert.DoesNotContain("   at ", output + errors + list);
    }
}
