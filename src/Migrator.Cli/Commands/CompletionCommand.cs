using System.CommandLine;
using Migrator.App.Output;
using Migrator.Cli.Help;

namespace Migrator.Cli.Commands;

/// <summary><c>migrator completion</c>.</summary>
internal static class CompletionCommand
{
    public static Command Create()
    {
        var shell = new Argument<string>("shell") { Description = "The shell.", HelpName = string.Join('|', CompletionScripts.Shells) };
        shell.AcceptOnlyFromAmong([.. CompletionScripts.Shells]);
        var command = new Command("completion", "Print a script that completes commands, options, jobs and mailboxes in a shell.")
        {
            shell,
        };
        command.SetAction(parsed =>
        {
            Console.Out.Write(CompletionScripts.Of(parsed.GetRequiredValue(shell)));
            return ExitCode.Success;
        });
        return command;
    }
}
