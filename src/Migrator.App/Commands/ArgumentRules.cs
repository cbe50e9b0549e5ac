using System.CommandLine;
using System.CommandLine.Parsing;

namespace Migrator.App.Commands;

/// <summary>What holds for the arguments of every command.</summary>
public static class ArgumentRules
{
    /// <summary>An empty argument is mostly a variable of a script that is not set: the command must not continue as if nothing, or
    /// everything, had been asked for.</summary>
    public static void ForbidEmpty(Command command)
    {
        foreach (var argument in command.Arguments)
        {
            argument.Validators.Add(result => Check(result, CommandErrors.NameOf(argument)));
            // Else it would be the name of a job or an archive that starts with a hyphen.
            argument.Validators.Add(result =>
            {
                foreach (var token in result.Tokens.Where(token => token.Value.StartsWith('-')))
                    result.AddError(CommandErrors.Unknown(token.Value, (CommandResult)result.Parent!));
            });
        }
        // What --only names is looked for among the mailboxes of the job, and reported with them.
        foreach (var option in command.Options.Where(option => option.Name != "--only"))
            option.Validators.Add(result => Check(result, option.Name));
        foreach (var subcommand in command.Subcommands)
            ForbidEmpty(subcommand);

        static void Check(SymbolResult result, string name)
        {
            if (result.Tokens.Any(token => string.IsNullOrWhiteSpace(token.Value)))
                result.AddError($"{name} must not be empty.");
        }
    }
}
