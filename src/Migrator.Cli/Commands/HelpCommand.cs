using System.CommandLine;
using System.CommandLine.Help;
using Migrator.App.Commands;
using Migrator.App.Formatting;
using Migrator.App.Output;
using Migrator.Cli.Help;

namespace Migrator.Cli.Commands;

/// <summary><c>migrator help</c>; and help of every command, with <c>--help</c> or where a command was left out.</summary>
internal static class HelpCommand
{
    /// <summary>Call when the command tree is complete.</summary>
    public static void AddTo(RootCommand root)
    {
        var names = new Argument<string[]>("command")
        {
            Description = "The command, such as \"archive prune\". [default: all commands]",
            HelpName = "COMMAND",
            Arity = new ArgumentArity(0, 4),
        };
        names.CompletionSources.Add(_ => root.Subcommands.Where(command => !command.Hidden).Select(command => command.Name));
        var help = new Command("help", "Show help for a command.") { names };
        help.SetAction(parsed => Show(root, parsed.GetValue(names) ?? []));
        root.Add(help);
        // Not as "/?" and "/h" too, which look like paths.
        root.Options.Remove(root.Options.OfType<HelpOption>().Single());
        root.Options.Add(new HelpOption("--help", "-h") { Action = new ShowHelp() });
        OfGroups(root);
    }

    /// <summary>A command that only has commands below it shows them.</summary>
    private static void OfGroups(Command command)
    {
        if (command.Subcommands.Count > 0 && command.Action is null)
            command.SetAction(parsed => ShowHelp.Of(parsed.CommandResult.Command));
        foreach (var inner in command.Subcommands)
            OfGroups(inner);
    }

    private static int Show(RootCommand root, IReadOnlyList<string> names)
    {
        Command command = root;
        foreach (var name in names)
        {
            if (command.Subcommands.FirstOrDefault(inner => inner.Name == name) is not { } inner)
            {
                var at = root.Parse(CommandErrors.PathOf(command)).CommandResult;
                Console.Error.WriteLine(TextSanitizer.ForTerminal(CommandErrors.Unknown(name, at)));
                Console.Error.WriteLine($"Run \"{CommandErrors.PathOf(command)} --help\" for usage.");
                return ExitCode.Configuration;
            }
            command = inner;
        }
        return ShowHelp.Of(command);
    }
}
