using System.CommandLine;
using Migrator.App.Commands;
using Migrator.App.Output;
using Migrator.Cli.Commands;
using Xunit;

namespace Migrator.Tests.Worker;

/// <summary>What nobody can have meant is reported in one line, before anything is done.</summary>
public sealed class ArgumentTests
{
    public static TheoryData<string> Commands => [.. Under(CommandLine.Create(), "").Select(entry => entry.Path)];

    [Theory]
    [MemberData(nameof(Commands))]
    public void An_empty_argument_is_reported(string path)
    {
        var command = Under(CommandLine.Create(), "").Single(entry => entry.Path == path).Command;
        foreach (
            var option in command.Options.Where(option =>
                option.ValueType != typeof(bool)
                && option.Name != "--only"
                && option is not (System.CommandLine.Help.HelpOption or VersionOption)
            )
        )
        {
            foreach (var empty in new[] { "", " ", "\t" })
                Assert.Contains(
                    $"{option.Name} must not be empty.",
                    Errors([.. path.Split(' ', StringSplitOptions.RemoveEmptyEntries), option.Name, empty])
                );
        }
        for (var index = 0; index < command.Arguments.Count; index++)
            Assert.Contains(
                $"{CommandErrors.NameOf(command.Arguments[index])} must not be empty.",
                Errors([.. path.Split(' ', StringSplitOptions.RemoveEmptyEntries), .. Enumerable.Repeat("", index + 1)])
            );
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void An_unknown_option_is_reported(string path) =>
        Assert.Contains(
            Errors([.. path.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--nonsense"]),
            error => error == "unknown option \"--nonsense\"."
        );

    [Theory]
    [MemberData(nameof(Commands))]
    public void A_number_that_is_none_or_out_of_bounds_is_reported(string path)
    {
        var command = Under(CommandLine.Create(), "").Single(entry => entry.Path == path).Command;
        foreach (var option in command.Options.Where(option => option.ValueType.IsPrimitive && option.ValueType != typeof(bool)))
        {
            foreach (
                var text in new[]
                {
                    "-1",
                    "99999999999",
                    "99999999999999999999999",
                    "NaN",
                    "0x10",
                    "1.5",
                    "1e3",
                    "\u0663",
                    "many",
                    "2147483648",
                }.Where(text => text != "2147483648" || option.ValueType != typeof(uint))
            )
                Assert.Contains(
                    Errors([.. path.Split(' ', StringSplitOptions.RemoveEmptyEntries), option.Name, text]),
                    error =>
                        error.StartsWith($"{option.Name} must be a whole number from ", StringComparison.Ordinal)
                        && error.EndsWith($"not \"{text}\".", StringComparison.Ordinal)
                );
        }
    }

    [Theory]
    [InlineData("archive", "prune", "x", "--keep-daily", "99999999999")]
    [InlineData("archive", "prune", "x", "--grace-hours", "NaN")]
    [InlineData("archive", "init", "x", "--immutable-days", "0x10")]
    [InlineData("jobs", "next", "--count", "0")]
    [InlineData("archive", "cat", "x", "--uid", "-1")]
    [InlineData("copy", "", "")]
    [InlineData("run", "")]
    [InlineData("status", "--settings", "")]
    [InlineData("jobs", "list", "--nonsense")]
    public async Task The_process_ends_with_its_code_for_an_error_and_no_trace(params string[] arguments)
    {
        var state = Directory.CreateTempSubdirectory("arguments");
        try
        {
            var (code, output, errors) = await MigratorProcess.RunAsync(state.FullName, arguments);

            Assert.True(code == ExitCode.Configuration, $"{code}: {output}{errors}");
            Assert.Equal("", output);
            Assert.InRange(errors.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length, 2, 3);
            Assert.DoesNotContain("   at ", errors);
        }
        finally
        {
            state.Delete(recursive: true);
        }
    }

    private static IEnumerable<(string Path, Command Command)> Under(Command command, string path) =>
        command.Subcommands.SelectMany(inner => Under(inner, $"{path} {inner.Name}")).Prepend((path.Trim(), command));

    private static IReadOnlyList<string> Errors(string[] arguments) => CommandErrors.Of(CommandLine.Create().Parse(arguments));
}
