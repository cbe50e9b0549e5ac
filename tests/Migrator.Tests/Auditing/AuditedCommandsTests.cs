using System.CommandLine;
using Migrator.App.Output;
using Migrator.Cli.Commands;
using Migrator.Tests.Worker;
using Xunit;

namespace Migrator.Tests.Auditing;

/// <summary>Every command there is: anyone who adds one says here whether it changes something, and then it leaves a trace before it
/// does.</summary>
public sealed class AuditedCommandsTests : IDisposable
{
    private const string Account = "imap://ann@127.0.0.1:1?tls=none";

    /// <summary>Of what changes nothing. The service records its start, its stop and what its page is used for itself:
    /// AuditedServiceTests.</summary>
    private static readonly Dictionary<string, string[]> s_reading = new()
    {
        ["check"] = ["nosuch"],
        ["plan"] = ["nosuch"],
        ["run --dry-run"] = ["nosuch"],
        ["cutover --dry-run"] = ["nosuch"],
        ["verify"] = ["nosuch"],
        ["certificate verify"] = ["nosuch"],
        ["status"] = [],
        ["jobs list"] = [],
        ["jobs next"] = [],
        ["archive snapshots"] = ["{archive}"],
        ["archive ls"] = ["{archive}"],
        ["archive find"] = ["{archive}", "word"],
        ["archive stats"] = ["{archive}"],
        ["archive check"] = ["{archive}"],
        ["archive key list"] = ["{archive}"],
        ["discover"] = ["nonsense"],
        ["login list"] = [],
        ["audit list"] = [],
        ["audit verify"] = [],
        ["config"] = [],
        ["help"] = [],
        ["version"] = [],
        ["providers"] = [],
        ["completion"] = ["bash"],
        ["undo --dry-run"] = ["nosuch"],
        ["archive prune --dry-run"] = ["{archive}", "--keep-last", "1"],
        ["restore --dry-run"] = ["{archive}", "--to", Account, "--password", "env:MIGRATOR_TARGET_PASSWORD"],
        ["archive rehydrate --dry-run"] = ["{archive}"],
    };

    /// <summary>Of what changes something, or hands out mail: so that each comes as far as to the attempt.</summary>
    private static readonly Dictionary<string, string[]> s_acting = new()
    {
        ["run"] = ["nosuch"],
        ["cutover"] = ["nosuch"],
        ["copy"] = ["nonsense", "nonsense"],
        ["undo"] = ["nosuch"],
        ["certificate create"] = ["nosuch"],
        ["jobs trigger"] = ["nosuch"],
        ["jobs pause"] = ["nosuch"],
        ["jobs resume"] = ["nosuch"],
        ["jobs cancel"] = ["nosuch"],
        ["jobs forget"] = ["nosuch"],
        ["notify test"] = [],
        ["login"] = ["nosuch"],
        ["login revoke"] = ["nosuch"],
        ["archive init"] = ["{archive}"],
        ["archive cat"] = ["{archive}", "--uid", "1"],
        ["archive repair"] = ["{archive}"],
        ["archive prune"] = ["{archive}", "--keep-last", "1"],
        ["archive upkeep"] = ["nosuch"],
        ["archive accept-shrunk"] = ["{archive}"],
        ["archive key add"] = ["{archive}", "--recovery"],
        ["archive key change"] = ["{archive}", "--recovery"],
        ["archive key remove"] = ["{archive}", "--id", "00"],
        ["archive key rotate"] = ["{archive}"],
        ["archive control-store"] = ["{archive}"],
        ["archive rehydrate"] = ["{archive}"],
        ["restore"] = ["{archive}", "--to", Account, "--password", "env:MIGRATOR_TARGET_PASSWORD"],
        ["export"] = ["{archive}", "--to", "{out}", "--format", "mbox"],
        ["import"] = ["{out}", "--to", Account, "--password", "env:MIGRATOR_TARGET_PASSWORD", "--format", "mbox"],
    };

    private readonly DirectoryInfo _state = Directory.CreateTempSubdirectory("commands");

    public static TheoryData<string> Acting => [.. s_acting.Keys];

    public static TheoryData<string> Reading => [.. s_reading.Keys];

    public void Dispose() => _state.Delete(recursive: true);

    [Fact]
    public void Of_every_command_it_is_known_whether_it_changes_something()
    {
        var unknown = Leaves(CommandLine.Create(), "")
            .Where(name => name is not ("serve" or "man") && !s_acting.ContainsKey(name) && !s_reading.ContainsKey(name))
            .ToList();

        Assert.True(unknown.Count == 0, $"Say in this class whether these change something: {string.Join(", ", unknown)}");
    }

    [Theory]
    [MemberData(nameof(Acting))]
    public async Task What_changes_something_is_recorded_before_it_is_done(string command)
    {
        var (output, errors) = await RunAsync(command, s_acting[command]);

        Assert.True(Trail.Lines(_state.FullName).Count == 2, output + errors);
        var (begun, ended) = (Trail.Lines(_state.FullName)[0], Trail.Lines(_state.FullName)[1]);
        Assert.Equal(
            ("begun", "command", Environment.UserName, Environment.MachineName),
            (
                Trail.Text(begun, "outcome"),
                Trail.Text(begun, "who", "kind"),
                Trail.Text(begun, "who", "name"),
                Trail.Text(begun, "who", "host")
            )
        );
        Assert.Equal((command == "archive init" ? "done" : "failed", "1"), (Trail.Text(ended, "outcome"), Trail.Text(ended, "of")));
        if (s_acting[command].Contains("{archive}"))
            Assert.Equal(Path.Combine(_state.FullName, "archive"), Trail.Text(begun, "what", "archive"));
    }

    [Theory]
    [MemberData(nameof(Reading))]
    public async Task What_changes_nothing_leaves_no_trace(string command)
    {
        await RunAsync(command, s_reading[command]);

        Assert.Empty(Trail.Lines(_state.FullName));
    }

    [Theory]
    [MemberData(nameof(Acting))]
    public async Task What_cannot_be_recorded_is_not_done(string command)
    {
        await File.WriteAllTextAsync(Path.Combine(_state.FullName, "audit"), "", TestContext.Current.CancellationToken);

        var (output, errors) = await RunAsync(command, s_acting[command], ExitCode.Configuration);

        Assert.True(
            errors.Contains("Nothing was done, because it cannot be recorded. The audit trail in ", StringComparison.Ordinal),
            output + errors
        );
        Assert.Contains("[audit-unwritable]", errors);
        Assert.False(Directory.Exists(Path.Combine(_state.FullName, "archive")));
    }

    private async Task<(string Output, string Errors)> RunAsync(string command, string[] arguments, int? expected = null)
    {
        string[] all =
        [
            .. command.Split(' '),
            .. arguments.Select(argument =>
                argument
                    .Replace("{archive}", Path.Combine(_state.FullName, "archive"), StringComparison.Ordinal)
                    .Replace("{out}", Path.Combine(_state.FullName, "out"), StringComparison.Ordinal)
            ),
        ];
        var (code, output, errors) = await MigratorProcess.RunAsync(
            _state.FullName,
            [.. all, "--set", $"JobsDirectory={_state.FullName}/jobs"]
        );
        Assert.True(code != ExitCode.Internal && (expected ?? code) == code, $"{code}: {output}{errors}");
        return (output, errors);
    }

    private static IEnumerable<string> Leaves(Command command, string path) =>
        command.Subcommands.Count == 0
            ? [path]
            : command.Subcommands.SelectMany(child => Leaves(child, path.Length == 0 ? child.Name : $"{path} {child.Name}"));
}
