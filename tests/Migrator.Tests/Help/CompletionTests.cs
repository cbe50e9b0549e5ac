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

    /// <summary>Command lines, and what can follow.</summary>
    public static TheoryData<string, string> Offers =>
        new()
        {
            { "migrator ver", "verify version" },
            { "migrator archive s", "snapshots stats" },
            { "migrator run n", "nightly" },
            { "migrator run nightly --fa", "--failed" },
            { "migrator run nightly --only ", "ann bob" },
            { "migrator archive snapshots nightly --mailbox b", "bob" },
            { "migrator export nightly --format m", "maildir mbox" },
        };

    [Theory]
    [MemberData(nameof(Offers))]
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
    [MemberData(nameof(Offers))]
    // A job can be a file.
    [InlineData("migrator run ./jo", "FILES")]
    public async Task Zsh_completes(string typed, string offered)
    {
        SkipUnlessInstalled("zsh");
        // Outside of the line editor, what it would be told is printed.
        var (code, output, errors) = await BashAsync(
            """
            migrator completion zsh > script
            zsh -f -c '
                compdef() { }
                compadd() { print -l -- "${(P@)2}" }
                _files() { print FILES }
                source ./script
                words=("${(@s: :)1}") CURRENT=${#words}
                _migrator' zsh "$1" | sort | paste -sd' '
            """,
            typed
        );

        Assert.True(code == 0 && errors.Length == 0, $"{code}: {output}{errors}");
        Assert.Equal(offered, output.Trim());
    }

    [Theory]
    [MemberData(nameof(Offers))]
    [InlineData("migrator run ./jo", "./jobs/")]
    public async Task Fish_completes(string typed, string offered)
    {
        SkipUnlessInstalled("fish");
        var (code, output, errors) = await BashAsync(
            """
            migrator completion fish > script
            fish --no-config -c 'source script; complete -C $argv[1]' "$1" | cut -f 1 | sort | paste -sd' '
            """,
            typed
        );

        Assert.True(code == 0 && errors.Length == 0, $"{code}: {output}{errors}");
        Assert.Equal(offered, output.Trim());
    }

    [Theory]
    [MemberData(nameof(Offers))]
    [InlineData("migrator run ./jo", "./jobs")]
    public async Task PowerShell_completes(string typed, string offered)
    {
        var shell = PowerShells.FirstOrDefault(File.Exists);
        Assert.SkipWhen(shell is null, "PowerShell is not installed.");
        var (code, output, errors) = await BashAsync(
            """
            cat > complete.ps1 <<'END'
            param($typed)
            migrator completion powershell | Out-String | Invoke-Expression
            (TabExpansion2 -inputScript $typed -cursorColumn $typed.Length).CompletionMatches | ForEach-Object CompletionText
            END
            "$1" -NoProfile -File complete.ps1 "$2" | sort | paste -sd' '
            """,
            shell!,
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
        SkipUnlessInstalled(shell);
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

    private static IEnumerable<string> PowerShells =>
        new[]
        {
            "/opt/migrator-test-servers/powershell",
            $"{Environment.GetEnvironmentVariable("HOME")}/.cache/migrator-test-servers/powershell",
            "/usr/bin",
            "/usr/local/bin",
        }.Select(directory => Path.Combine(directory, "pwsh"));

    private static void SkipUnlessInstalled(string shell) =>
        Assert.SkipUnless(
            new[] { "/bin", "/usr/bin", "/usr/local/bin" }.Any(directory => File.Exists(Path.Combine(directory, shell))),
            $"{shell} is not installed."
        );

    private async Task<(int Code, string Output, string Errors)> BashAsync(string script, params string[] arguments)
    {
        var start = new ProcessStartInfo("bash", ["-c", script, "bash", .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = _state.FullName,
        };
        start.Environment["PATH"] = $"{Path.Combine(_state.FullName, "bin")}:{start.Environment["PATH"]}";
        // Where fish keeps its history.
        start.Environment["HOME"] = _state.FullName;
        start.Environment["MIGRATOR_JobsDirectory"] = Path.Combine(_state.FullName, "jobs");
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, output, await errors);
    }
}
