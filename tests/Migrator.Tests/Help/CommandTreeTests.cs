using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using Migrator.App.Commands;
using Migrator.Cli.Commands;
using Migrator.Cli.Help;
using Xunit;

namespace Migrator.Tests.Help;

/// <summary>What holds for every command that there is: a new one is tested by being there.</summary>
public sealed class CommandTreeTests
{
    private static readonly RootCommand s_root = CommandLine.Create();

    public static TheoryData<string> Commands => [.. Under(s_root).Select(CommandErrors.PathOf)];

    public static TheoryData<string, string> Examples =>
        [
            .. Under(s_root)
                .SelectMany(command =>
                    CommandExamples.Of(CommandErrors.PathOf(command)).Select(example => (CommandErrors.PathOf(command), example.Line))
                ),
        ];

    public static TheoryData<string, int> Widths =>
        [.. Under(s_root).SelectMany(command => new[] { 60, 80, 140 }.Select(width => (CommandErrors.PathOf(command), width)))];

    [Theory]
    [MemberData(nameof(Commands))]
    public void A_command_has_a_description_and_an_example(string path)
    {
        var help = Help(path);

        Assert.Matches(@"^[A-Z].*\.$", help.Description);
        Assert.NotEmpty(help.Examples);
        Assert.All(help.Examples, example => Assert.Matches("^[A-Z].*[^.]$", example.What));
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void Arguments_and_options_have_a_description_a_name_for_the_value_and_their_default(string path)
    {
        var command = Find(path);
        var rows = Help(path).Sections.SelectMany(section => section.Rows).ToList();
        Assert.All(
            command.Arguments,
            argument =>
                Assert.True(argument.HelpName is { Length: > 0 } && argument.Description is { Length: > 0 }, $"{path} {argument.Name}")
        );
        foreach (var option in command.Options.Where(option => option is not (HelpOption or VersionOption)))
        {
            Assert.Matches(@"^[a-zA-Z].*(\.|\])$", option.Description);
            Assert.Equal(option.ValueType == typeof(bool), option.HelpName is null);
            if (option.HelpName is { } name)
                Assert.Matches(@"^([A-Z]+(=[A-Z]+)?|[a-z0-9-]+(\|[a-z0-9-]+)+)$", name);
            var row = Assert.Single(rows, row => row.Label.Split(' ').Contains(option.Name));
            if (option.HasDefaultValue && option.GetDefaultValue() is { } standard and not (false or 0))
                Assert.Contains($"[default: {standard}]", row.Text);
        }
    }

    [Theory]
    [MemberData(nameof(Examples))]
    public void An_example_is_a_command_line_that_is_understood(string path, string line)
    {
        // What a shell does with the output is not the program's.
        var parsed = s_root.Parse([.. CommandLineParser.SplitCommandLine(line.Split(" > ")[0]).Skip(1)]);

        Assert.Empty(CommandErrors.Of(parsed));
        Assert.StartsWith(
            path == "migrator" ? "migrator " : path,
            CommandErrors.PathOf(parsed.CommandResult.Command),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Every_example_belongs_to_a_command() =>
        Assert.Empty(CommandExamples.Paths.Except(Under(s_root).Select(CommandErrors.PathOf)));

    [Fact]
    public void Every_command_of_the_program_is_in_a_group() =>
        Assert.DoesNotContain(Help("migrator").Sections, section => section.Title == "Other");

    [Theory]
    [MemberData(nameof(Widths))]
    public void Help_fits_the_terminal_and_cuts_no_word(string path, int width)
    {
        var help = Help(path);
        var text = HelpText.Of(help, width);

        Assert.All(text.Split('\n'), line => Assert.True(line.Length <= width, $"{line.Length}: {line}"));
        // In order, though between other words: rows are set in two columns.
        var words = text.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries).Where(word => word != "\\").ToList();
        foreach (
            var passage in help
                .Sections.SelectMany(section => section.Rows)
                .Select(row => row.Text)
                .Append(help.Description)
                .Append(help.Usage)
                .Concat(help.Examples.Select(example => example.Line))
        )
            Assert.Contains(
                $" {string.Join(' ', passage.Split(' ', StringSplitOptions.RemoveEmptyEntries))} ",
                $" {string.Join(' ', words)} "
            );
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void Help_of_a_command_lists_the_global_options_apart_from_its_own(string path)
    {
        var sections = Help(path).Sections;
        var global = Assert.Single(sections, section => section.Title == "Global options").Rows.Select(row => row.Label.Trim()).ToList();

        Assert.Contains("--state DIR", global);
        Assert.Contains("-q, --quiet", global);
        Assert.Contains("-h, --help", global);
        Assert.DoesNotContain(
            sections.Where(section => section.Title == "Options").SelectMany(section => section.Rows),
            row => global.Contains(row.Label.Trim())
        );
    }

    private static CommandHelp Help(string path) => new(Find(path), GlobalOptions.DefaultOf);

    private static Command Find(string path) => Under(s_root).Single(command => CommandErrors.PathOf(command) == path);

    private static IEnumerable<Command> Under(Command command) =>
        command.Subcommands.Where(inner => !inner.Hidden).SelectMany(Under).Prepend(command);
}
