using System.Diagnostics;
using Migrator.App.Output;
using Migrator.Tests.Worker;
using Xunit;

namespace Migrator.Tests.Help;

/// <summary>What a shell is offered.</summary>
public sealed class CompletionTests : IDisposable
{
    private readonly DirectoryInfo _state = Directory.CreateTempSubdirectory("completion");

    public CompletionTests()
    {
        var jobs = _state.CreateSubdirectory("jobs");
        File.WriteAllText(
            Path.Combine(jobs.FullName, "nightly.json"),
            """
            {
              "kind": "backup", "source": { "host": "imap.example", "user": "{name}", "password": "env:P" },
              "mailboxes": ["ann", "bob"], "archive": { "location": "/nowhere" }
            }
            """
        );
        // As it is installed: by its name, on the path.
        var program = Path.Combine(_state.CreateSubdirectory("bin").FullName, "migrator");
        File.WriteAllText(program, $"#!/bin/sh\nexec {string.Join(' ', MigratorProgram.Command.Select(part => $"'{part}'"))} \"$@\"\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    public void Dispose() => _state.Delete(recursive: true);

    [Theory]
    [InlineData("migrator ver", "verify version")]
    [InlineData("migrator archive s", "snapshots stats")]
    [InlineData("migrator run n", "nightly")]
    [InlineData("migrator run nightly --fa", "--failed")]
    [InlineData("migrator run nightly --only ", "ann bob")]
    [InlineData("migrator archive snapshots nightly --mailbox b", "bob")]
    [InlineData("migrator export nightly --format m", "maildir mbox")]
    public async Task Bash_completes(string typed, string offered)
    {
        var (code, output, errors) = await BashAsync(
            """
            source <(migrator completion bash)
            COMP_LINE=$1 COMP_POINT=${#1}
            read -ra COMP_WORDS <<< "$1"
            [[ $1 == *' ' ]] && COMP_WORDS+=('')
            COMP_CWORD=$(( ${#COMP_WORDS[@]} - 1 ))
            _migrator migrator
            printf '%s\n' "${COMPREPLY[@]}" | sort | paste -sd' '
            """,
            typed
        );

        Assert.True(code == 0 && errors.Length == 0, $"{code}: {output}{errors}");
        Assert.Equal(offered, output.Trim());
    }

    [Theory]
    [InlineData("bash")]
    [InlineData("zsh")]
    [InlineData("fish")]
    public async Task A_script_is_understood_by_its_shell(string shell)
    {
        Assert.SkipUnless(
            new[] { "/bin", "/usr/bin", "/usr/local/bin" }.Any(directory => File.Exists(Path.Combine(directory, shell))),
            $"{shell} is not installed."
        );
        var (code, output, errors) = await BashAsync($"migrator completion {shell} > script && {shell} -n script");

        Assert.True(code == 0 && errors.Length == 0, $"{code}: {output}{errors}");
    }

    [Fact]
    public async Task Another_shell_is_not_known()
    {
        var (code, _, errors) = await MigratorProcess.RunAsync(_state.FullName, "completion", "cmd");

        Assert.Equal(ExitCode.Configuration, code);
        Assert.Contains("powershell", errors);
    }

    private async Task<(int Code, string Output, string Errors)> BashAsync(string script, params string[] arguments)
    {
        var start = new ProcessStartInfo("bash", ["-c", script, "bash", .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = _state.FullName,
        };
        start.Environment["PATH"] = $"{Path.Combine(_state.FullName, "bin")}:{start.Environment["PATH"]}";
        start.Environment["MIGRATOR_JobsDirectory"] = Path.Combine(_state.FullName, "jobs");
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, output, await errors);
    }
}
