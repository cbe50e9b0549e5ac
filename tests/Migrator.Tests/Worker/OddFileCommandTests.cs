using System.Text.Json;
using Migrator.App.Output;
using Migrator.Tests.Files;
using Migrator.Tests.Jobs;
using Xunit;

namespace Migrator.Tests.Worker;

/// <summary>Commands that are given what is not a file: a message within moments, and no memory for it.</summary>
public sealed class OddFileCommandTests : IDisposable
{
    // Less than a file of the limit needs, and enough for the program.
    private const long Heap = 100 << 20;

    private readonly DirectoryInfo _state = Directory.CreateTempSubdirectory("odd");

    public static TheoryData<string> Kinds => OddFile.Kinds;

    public void Dispose() => _state.Delete(recursive: true);

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_job_file_is_refused_by_its_path_and_in_the_jobs_directory(string kind)
    {
        var jobs = _state.CreateSubdirectory("jobs").FullName;
        await File.WriteAllTextAsync(Path.Combine(jobs, "good.json"), HostileFiles.Job("good"), TestContext.Current.CancellationToken);
        var odd = OddFile.Make(kind, Path.Combine(jobs, "odd.json"));

        var run = await RunAsync("run", odd);
        var (_, list, _) = await RunAsync("jobs", "list", "--set", $"JobsDirectory={jobs}");

        Assert.Equal(ExitCode.Configuration, run.Code);
        Assert.Contains(kind == OddFile.Dangling ? "file not found" : OddFile.Words(kind), run.Errors);
        Assert.Contains("good", list);
        Assert.Contains("odd.json", list);
    }

    [Fact]
    public async Task A_job_that_is_a_link_out_of_the_jobs_directory_is_refused_there_and_read_by_its_path()
    {
        var jobs = _state.CreateSubdirectory("jobs").FullName;
        await File.WriteAllTextAsync(
            Path.Combine(_state.FullName, "shared.json"),
            HostileFiles.Job("shared"),
            TestContext.Current.CancellationToken
        );
        File.CreateSymbolicLink(Path.Combine(jobs, "link.json"), "../shared.json");
        File.CreateSymbolicLink(Path.Combine(_state.FullName, "link.json"), "shared.json");

        var (_, list, _) = await RunAsync("jobs", "list", "--json", "--set", $"JobsDirectory={jobs}");
        var (_, _, byPath) = await RunAsync("check", Path.Combine(_state.FullName, "link.json"));

        Assert.Contains($"leads out of the directory {jobs}, to {Path.Combine(_state.FullName, "shared.json")}", list);
        // It was read: what is wrong is its password.
        Assert.Contains("OLD", byPath);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_key_file_is_a_regular_file(string kind)
    {
        var key = OddFile.Make(kind, Path.Combine(_state.FullName, "key"));
        var job = Path.Combine(_state.FullName, "nightly.json");
        await File.WriteAllTextAsync(
            job,
            $$"""
            { "kind": "backup", "source": { "host": "imap.old.example", "user": "ann", "password": "env:OLD" },
              "archive": { "location": "archive", "keyFile": {{JsonSerializer.Serialize(key)}} } }
            """,
            TestContext.Current.CancellationToken
        );

        var (code, _, errors) = await RunAsync("archive", "init", job);

        Assert.Equal(ExitCode.Configuration, code);
        Assert.Contains(
            $"archive.keyFile: the file cannot be read: {(kind == OddFile.Dangling ? "file not found" : OddFile.Words(kind))}",
            errors
        );
    }

    [Theory]
    [InlineData(OddFile.Pipe, "mbox")]
    [InlineData(OddFile.Zeros, "mbox")]
    [InlineData(OddFile.Full, "mbox")]
    [InlineData(OddFile.Pipe, "eml")]
    [InlineData(OddFile.Zeros, "maildir")]
    public async Task What_is_imported_is_a_file_or_a_directory(string kind, string format)
    {
        var odd = OddFile.Make(kind, Path.Combine(_state.FullName, "odd"));
        Assert.Equal(ExitCode.Success, (await RunAsync("archive", "init", "./archive")).Code);

        var (code, _, errors) = await RunAsync("import", odd, "--format", format, "--to", "./archive", "--mailbox", "ann");

        Assert.NotEqual(ExitCode.Success, code);
        Assert.NotEqual(ExitCode.Internal, code);
        Assert.Contains(odd, errors);
    }

    private async Task<(int Code, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        var ended = await MigratorProcess
            .RunInAsync(Heap, _state.FullName, arguments)
            .WaitAsync(TimeSpan.FromMinutes(3), TestContext.Current.CancellationToken);
        Assert.DoesNotContain("   at ", ended.Errors);
        return ended;
    }
}
