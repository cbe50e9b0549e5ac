using System.Diagnostics;
using System.Text;
using Migrator.App.Output;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Xunit;
using static Migrator.Tests.Migrations.Letters;

namespace Migrator.Tests.Worker;

/// <summary>What a terminal gets: no more than it can show, and no less than it had before.</summary>
public sealed class TerminalTests(DovecotFixture servers) : IDisposable
{
    private readonly DirectoryInfo _state = Directory.CreateTempSubdirectory("terminal");

    public void Dispose() => _state.Delete(recursive: true);

    [Theory]
    [InlineData("C", false)]
    [InlineData("POSIX", false)]
    [InlineData("de_DE.ISO-8859-1", false)]
    [InlineData("C.UTF-8", true)]
    [InlineData("", true)]
    public async Task Tables_are_drawn_in_what_the_locale_has(string locale, bool lines)
    {
        await using var harness = new Harness(servers.Old, servers.New);
        await using (var source = await harness.SourceAsync())
            await FillAsync(source, "INBOX", 0, 1);
        var job = await CommandTests.JobFileAsync(harness);
        var environment = new Dictionary<string, string>
        {
            ["LC_ALL"] = locale,
            ["LC_CTYPE"] = "",
            ["LANG"] = "",
        };
        var (code, output, errors) = await MigratorProcess.RunWithAsync(environment, harness.State, "run", job);

        Assert.True(code == ExitCode.Success, errors);
        Assert.Contains("INBOX", output);
        Assert.Equal(lines, output.Contains('─'));
        Assert.Equal(!lines, Ascii.IsValid(output));
    }

    [Fact]
    public async Task Interrupting_a_password_prompt_ends_with_130_and_leaves_the_terminal_as_it_was()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/script"), "script, which makes a terminal, is not installed.");
        var program = string.Join(' ', MigratorProgram.Command.Select(part => $"'{part}'"));
        // The shell outlives the interrupt and looks at what is left.
        var command =
            $"trap : INT; stty -a > before; {program} copy imaps://ann@localhost:1 imaps://bob@localhost:1 --state "
            + $"'{_state.FullName}'; echo code=$?; stty -a > after";
        var start = new ProcessStartInfo(
            "env",
            ["--default-signal=INT", "-u", "MIGRATOR_SOURCE_PASSWORD", "script", "-qec", command, "/dev/null"]
        )
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            WorkingDirectory = _state.FullName,
        };
        start.Environment["SHELL"] = "/bin/bash";
        start.Environment["TERM"] = "xterm";
        using var process = Process.Start(start)!;

        var seen = await ReadUntilAsync(process, "ann at localhost:");
        await process.StandardInput.WriteAsync("sec");
        await process.StandardInput.WriteAsync('\u0003');
        await process.StandardInput.FlushAsync(TestContext.Current.CancellationToken);
        seen += await ReadUntilAsync(process, "code=");
        seen += await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Contains("code=130", seen);
        Assert.Contains("Stopped.", seen);
        Assert.DoesNotContain("   at ", seen);
        Assert.Equal(
            await File.ReadAllTextAsync(Path.Combine(_state.FullName, "before"), TestContext.Current.CancellationToken),
            await File.ReadAllTextAsync(Path.Combine(_state.FullName, "after"), TestContext.Current.CancellationToken)
        );
    }

    [Fact]
    public async Task A_quiet_run_says_only_how_it_ended()
    {
        await using var harness = new Harness(servers.Old, servers.New);
        await using (var source = await harness.SourceAsync())
            await FillAsync(source, "INBOX", 0, 3);
        var job = await CommandTests.JobFileAsync(harness);

        var run = await MigratorProcess.RunAsync(harness.State, "run", job, "--quiet");
        var verify = await MigratorProcess.RunAsync(harness.State, "verify", job, "-q");

        Assert.Equal((ExitCode.Success, "Complete: all 3 messages are at the target.\n", ""), run);
        Assert.Equal((ExitCode.Success, ""), (verify.Code, verify.Errors));
        Assert.Matches("^Identical[^\n]*\n$", verify.Output);
    }

    private static async Task<string> ReadUntilAsync(Process process, string text)
    {
        var seen = new StringBuilder();
        var letter = new char[1];
        while (
            !seen.ToString().Contains(text, StringComparison.Ordinal)
            && await process.StandardOutput.ReadAsync(letter, TestContext.Current.CancellationToken) > 0
        )
            seen.Append(letter[0]);
        return seen.ToString();
    }
}
