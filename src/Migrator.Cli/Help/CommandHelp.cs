using System.CommandLine;
using System.CommandLine.Help;
using Migrator.App.Commands;

namespace Migrator.Cli.Help;

/// <summary>What help and man page say about a command, read from the command tree.</summary>
public sealed class CommandHelp
{
    private readonly Func<Option, string?> _defaults;

    /// <param name="defaults">Defaults that depend on the machine; null for an option that has none.</param>
    public CommandHelp(Command command, Func<Option, string?> defaults)
    {
        (Command, _defaults, Path) = (command, defaults, CommandErrors.PathOf(command));
        Examples = CommandExamples.Of(Path);
        var own = command.Options.Where(option => !option.Hidden && !option.Recursive).ToList();
        var root = command;
        while (root.Parents.OfType<Command>().FirstOrDefault() is { } parent)
            root = parent;
        Sections =
        [
            .. CommandGroups.Of(command).Select(group => new HelpSection(group.Title, [.. group.Commands.Select(Row)])),
            new HelpSection("Arguments", [.. command.Arguments.Where(argument => !argument.Hidden).Select(Row)]),
            new HelpSection("Options", [.. own.Where(option => option is not VersionOption).Select(Row)]),
            new HelpSection(
                "Global options",
                [
                    .. root.Options.Where(option => option.Recursive).OrderBy(option => option is HelpOption).Select(Row),
                    .. own.OfType<VersionOption>().Select(Row),
                ]
            ),
        ];
        Sections = [.. Sections.Where(section => section.Rows.Count > 0)];
    }

    public Command Command { get; }

    /// <summary>Such as <c>migrator archive prune</c>.</summary>
    public string Path { get; }

    public string Description => Command.Description ?? "";

    public IReadOnlyList<HelpSection> Sections { get; }

    public IReadOnlyList<Example> Examples { get; }

    /// <summary>What has to be given is named, in the order in which it is typed.</summary>
    public string Usage
    {
        get
        {
            var parts = new List<string> { Path };
            parts.AddRange(
                Command.Arguments.Select(argument => argument.Arity.MinimumNumberOfValues > 0 ? Name(argument) : $"[{Name(argument)}]")
            );
            parts.AddRange(Command.Options.Where(option => option.Required).Select(option => $"{option.Name} {option.HelpName}"));
            parts.Add(Command.Arguments.Count == 0 && Command.Subcommands.Any(inner => !inner.Hidden) ? "COMMAND [options]" : "[options]");
            return string.Join(' ', parts);
        }
    }

    private static HelpRow Row(Command command) => new(command.Name, command.Description ?? "");

    private static HelpRow Row(Argument argument) => new(Name(argument), argument.Description ?? "");

    private HelpRow Row(Option option)
    {
        var letter = option.Aliases.FirstOrDefault(alias => alias.Length == 2 && alias[0] == '-' && char.IsAsciiLetter(alias[1]));
        var value =
            option.HelpName is not { } name ? ""
            : option.Arity.MinimumNumberOfValues == 0 ? $" [{name}]"
            : $" {name}";
        return new HelpRow($"{(letter is null ? "    " : $"{letter}, ")}{option.Name}{value}", Text(option));
    }

    private string Text(Option option)
    {
        var text = option switch
        {
            HelpOption => "Show this help.",
            VersionOption => "Show the version number.",
            _ => option.Description ?? "",
        };
        return (_defaults(option) ?? Default(option)) is { } value ? $"{text} [default: {value}]" : text;
    }

    /// <returns>Null where it is none, or zero, which switches an option off.</returns>
    private static string? Default(Option option) =>
        option.HasDefaultValue
        && option.ValueType != typeof(bool)
        && option.GetDefaultValue()?.ToString() is { Length: > 0 } value
        && value != "0"
            ? value
            : null;

    private static string Name(Argument argument) =>
        argument.Arity.MaximumNumberOfValues > 1 ? $"{CommandErrors.NameOf(argument)}..." : CommandErrors.NameOf(argument);
}
