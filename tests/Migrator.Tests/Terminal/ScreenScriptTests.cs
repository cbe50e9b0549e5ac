using System.CommandLine;
using System.CommandLine.Parsing;
using Migrator.App.Commands;
using Xunit;

namespace Migrator.Tests.Terminal;

/// <summary>That nothing is left out: a new command is noticed by being there.</summary>
public sealed class ScreenScriptTests
{
    private static readonly int[] s_widths = [60, 80, 140];

    public static TheoryData<int> Widths => [.. s_widths];

    [Fact]
    public void Every_command_is_typed()
    {
        var typed = ScreenScript
            .All.Where(scene => !scene.Line.EndsWith("--help", StringComparison.Ordinal))
            .Select(scene => ScreenScript.Root.Parse([.. CommandLineParser.SplitCommandLine(scene.Line).Skip(1)]))
            .Where(parsed => parsed.Errors.Count == 0)
            .Select(parsed => CommandErrors.PathOf(parsed.CommandResult.Command))
            .ToHashSet();

        Assert.Empty(ScreenScript.Commands.Where(path => Of(path).Subcommands.Count == 0).Except(typed));
    }

    [Fact]
    public void Every_screen_has_a_name_of_its_own() =>
        Assert.DoesNotContain(ScreenScript.All.CountBy(scene => scene.Name), name => name.Value > 1);

    [Theory]
    [MemberData(nameof(Widths))]
    public void Every_recorded_screen_is_of_a_command_that_is_typed(int width) =>
        Assert.Equal(
            ScreenScript.All.Select(scene => scene.Name).Order(StringComparer.Ordinal),
            ScreenFile.Names(width).Order(StringComparer.Ordinal)
        );

    private static Command Of(string path) => ScreenScript.Root.Parse([.. path.Split(' ').Skip(1)]).CommandResult.Command;
}
