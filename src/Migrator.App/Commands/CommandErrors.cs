using System.CommandLine;
using System.CommandLine.Parsing;
using Migrator.Core.Failures;
using Migrator.Core.Folders;

namespace Migrator.App.Commands;

/// <summary>What is wrong with a command line, as text: the parser's own errors, with what was meant where a name is misspelt.</summary>
public static class CommandErrors
{
    public static IReadOnlyList<string> Of(ParseResult parsed)
    {
        if (parsed.Errors.Count == 0)
            return [];
        var command = parsed.CommandResult.Command;
        // What follows an unknown command are its arguments: they say nothing about the commands that there are.
        if (
            command.Subcommands.Any(inner => !inner.Hidden)
            && parsed.UnmatchedTokens.FirstOrDefault(token => !token.StartsWith('-')) is { } word
        )
            return [Unknown(word, parsed.CommandResult)];
        return
        [
            .. parsed.UnmatchedTokens.Select(token => Unknown(token, parsed.CommandResult)),
            .. parsed.Errors.Where(error => !IsOfUnmatched(error, parsed)).Select(Words),
        ];
    }

    /// <summary>Where to read on.</summary>
    public static string Hint(ParseResult parsed) => $"Run \"{PathOf(parsed.CommandResult.Command)} --help\" for usage.";

    /// <summary>Such as <c>migrator archive prune</c>.</summary>
    public static string PathOf(Command command) =>
        command.Parents.OfType<Command>().FirstOrDefault() is { } parent ? $"{PathOf(parent)} {command.Name}" : "migrator";

    /// <param name="token">What fits nothing of the command.</param>
    /// <param name="at">The command.</param>
    public static string Unknown(string token, CommandResult at)
    {
        if (!token.StartsWith('-'))
        {
            var commands = at.Command.Subcommands.Where(inner => !inner.Hidden).Select(inner => inner.Name).ToList();
            return commands.Count > 0 ? $"unknown command \"{token}\"{Meant(token, commands)}" : $"unexpected argument \"{token}\".";
        }
        var options = new List<string>();
        for (var of = at; of is not null; of = of.Parent as CommandResult)
        {
            options.AddRange(
                of.Command.Options.Where(option => !option.Hidden && (of == at || option.Recursive)).Select(option => option.Name)
            );
        }
        return $"unknown option \"{token}\"{Meant(token.Split('=', ':')[0], options)}";
    }

    private static string Meant(string word, IReadOnlyList<string> known) =>
        RenamedNames.Hint(RenamedNames.CommandLine, word, known) is { } renamed ? $": it {renamed}"
        : Spelling.Closest(word, known) is { } closest ? $"; did you mean \"{closest}\"?"
        : ".";

    // The parser has no other mark for it. It says it in English: the programs are built without other cultures.
    private static bool IsOfUnmatched(ParseError error, ParseResult parsed) =>
        parsed.UnmatchedTokens.Any(token => error.Message == $"Unrecognized command or argument '{token}'.");

    private static string Words(ParseError error) =>
        error.SymbolResult is ArgumentResult { Tokens.Count: 0, Parent: CommandResult } missing
            ? $"{NameOf(missing.Argument)} is missing."
            : OnOneLine(error.Message);

    /// <summary>The parser lists what it would take below its sentence.</summary>
    private static string OnOneLine(string message) =>
        message.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) is [var sentence, .. var choices]
        && choices.Length > 0
            ? $"{sentence} {string.Join(", ", choices)}."
            : message;

    /// <summary>As help shows it.</summary>
    public static string NameOf(Argument argument) => argument.HelpName ?? argument.Name.ToUpperInvariant();
}
