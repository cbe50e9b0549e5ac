using Migrator.App.Commands;
using Migrator.App.Output;
using Migrator.Cli.Commands;
using Migrator.Tests.Worker;
using Xunit;

namespace Migrator.Tests.Help;

/// <summary>Help, version and what is said to a command line that is wrong.</summary>
public sealed class HelpCommandTests : IDisposable
{
    private readonly DirectoryInfo _state = Directory.CreateTempSubdirectory("help");

    public void Dispose() => _state.Delete(recursive: true);

    [Fact]
    public async Task Without_a_command_help_is_shown()
    {
        var (code, output, errors) = await RunAsync();

        Assert.Equal((ExitCode.Success, ""), (code, errors));
        foreach (var group in new[] { "Migrate:", "Back up:", "Service:", "Setup:", "Global options:", "Examples:" })
            Assert.Contains($"\n{group}\n", output);
        Assert.StartsWith("Migrate and back up IMAP/POP3 mailboxes, with verification.", output);
    }

    [Fact]
    public async Task Help_of_a_command_is_what_its_option_shows()
    {
        var asked = await RunAsync("help", "archive", "prune");
        var option = await RunAsync("archive", "prune", "--help");

        Assert.Equal(ExitCode.Success, asked.Code);
        Assert.Equal(asked, option);
        Assert.Contains("migrator archive prune ARCHIVE [options]", asked.Output);
    }

    [Fact]
    public async Task The_default_of_the_state_directory_is_the_one_in_effect()
    {
        var configured = await MigratorProcess.RunWithAsync(
            new Dictionary<string, string> { ["MIGRATOR_StateDirectory"] = "/var/lib/migrator" },
            _state.FullName,
            "--help"
        );
        var standard = await MigratorProcess.RunWithAsync(
            new Dictionary<string, string> { ["XDG_STATE_HOME"] = "/srv/state" },
            _state.FullName,
            "--help"
        );

        Assert.Contains("[default: /var/lib/migrator]", configured.Output);
        Assert.Contains("[default: /srv/state/migrator]", standard.Output);
    }

    [Theory]
    [InlineData("unknown command \"chekc\"; did you mean \"check\"?", "chekc", "jobs/ann.json")]
    [InlineData("unknown command \"prun\"; did you mean \"prune\"?", "archive", "prun", "nightly")]
    [InlineData("unknown command \"nonsense\".", "nonsense")]
    [InlineData("unknown option \"--keep-dayly\"; did you mean \"--keep-daily\"?", "archive", "prune", "nightly", "--keep-dayly", "7")]
    [InlineData("unknown option \"--jsom\"; did you mean \"--json\"?", "jobs", "list", "--jsom")]
    [InlineData("unknown option \"--failde\"; did you mean \"--failed\"?", "run", "staff", "--failde")]
    [InlineData("JOB is missing.", "run")]
    [InlineData(
        "--at: \"2026-13-45\" is not a date or time. Write yesterday, 2026-11-24, \"2026-11-24 18:00\", or 3d (ago), latest, "
            + "or a snapshot ID.",
        "archive",
        "ls",
        "nightly",
        "--at",
        "2026-13-45"
    )]
    public void What_is_wrong_is_said_with_what_was_meant(string said, params string[] arguments) =>
        Assert.Equal(said, CommandErrors.Of(CommandLine.Create().Parse(arguments))[0]);

    [Theory]
    [InlineData("chekc")]
    [InlineData("help", "chekc")]
    public async Task An_unknown_command_ends_with_a_hint(params string[] arguments)
    {
        var (code, output, errors) = await RunAsync(arguments);

        Assert.Equal((ExitCode.Configuration, ""), (code, output));
        Assert.Equal("unknown command \"chekc\"; did you mean \"check\"?\nRun \"migrator --help\" for usage.\n", errors);
    }

    [Fact]
    public async Task The_version_is_shown_for_people_and_for_programs()
    {
        var (words, json) = (await RunAsync("version"), await RunAsync("version", "--json"));

        Assert.Matches(@"^migrator \d+\.\d+\.\d+ \(\.NET 10\.", words.Output);
        Assert.Matches(@"^\{""event"":""version"".*""version"":""\d+\.\d+\.\d+""", json.Output);
    }

    private Task<(int Code, string Output, string Errors)> RunAsync(params string[] arguments) =>
        MigratorProcess.RunAsync(_state.FullName, arguments);
}
