using Migrator.App.Output;
using Xunit;

namespace Migrator.Tests.Worker;

/// <summary>An archive is named by its job or by a location that is written as one; a misspelt name makes none.</summary>
public sealed class ArchiveNameTests : IDisposable
{
    private readonly DirectoryInfo _state = Directory.CreateTempSubdirectory("names");

    public ArchiveNameTests() =>
        File.WriteAllText(
            Path.Combine(_state.CreateSubdirectory("jobs").FullName, "nightly.json"),
            """
            { "kind": "backup", "source": { "host": "imap.example", "user": "ann", "password": "env:P" },
              "archive": { "location": "../mail" } }
            """
        );

    public void Dispose() => _state.Delete(recursive: true);

    [Theory]
    [InlineData("nightly")]
    [InlineData("jobs/nightly.json")]
    public async Task A_job_names_its_archive(string job)
    {
        var made = await RunAsync("archive", "init", job);
        var listed = await RunAsync("archive", "snapshots", job);

        Assert.True(made.Code == ExitCode.Success && listed.Code == ExitCode.Success, made.Errors + listed.Errors);
        Assert.True(Directory.Exists(Path.Combine(_state.FullName, "mail")));
    }

    [Theory]
    [InlineData("nighly", "\"nighly\" is neither a job nor a location of an archive. Did you mean \"nightly\"?")]
    [InlineData("elsewhere", "Backup jobs: nightly.")]
    [InlineData("there", "For the directory, write \"./there\".")]
    [InlineData("jobs/nighly.json", "nighly.json")]
    public async Task A_name_that_is_none_makes_no_archive(string name, string said)
    {
        var before = _state.CreateSubdirectory("there").Parent!.GetFileSystemInfos().Select(entry => entry.Name).ToList();

        var (code, output, errors) = await RunAsync("archive", "init", name);

        Assert.True(code == ExitCode.Configuration && errors.Contains(said, StringComparison.Ordinal), $"{code}: {output}{errors}");
        Assert.Empty(_state.GetDirectories("there").Single().GetFileSystemInfos());
        Assert.Equal(
            before.Order(),
            _state.GetFileSystemInfos().Select(entry => entry.Name).Where(entry => entry != "audit" && entry != "audit.head").Order()
        );
    }

    [Fact]
    public async Task A_path_is_a_location()
    {
        var (code, _, errors) = await RunAsync("archive", "init", "./elsewhere");

        Assert.True(code == ExitCode.Success, errors);
        Assert.True(Directory.Exists(Path.Combine(_state.FullName, "elsewhere")));
    }

    // Its working directory is that of the state.
    private Task<(int Code, string Output, string Errors)> RunAsync(params string[] arguments) =>
        MigratorProcess.RunAsync(_state.FullName, [.. arguments, "--set", $"JobsDirectory={_state.FullName}/jobs"]);
}
