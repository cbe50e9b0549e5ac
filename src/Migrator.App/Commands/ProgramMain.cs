using System.CommandLine;
using Migrator.App.Formatting;
using Migrator.App.Output;

namespace Migrator.App.Commands;

/// <summary>From arguments to exit code: the same for both programs.</summary>
public static class ProgramMain
{
    // After Ctrl-C or SIGTERM, what is running has this long to reach a safe point.
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(20);

    public static async Task<int> RunAsync(RootCommand commands, string[] arguments)
    {
        StandardOutput.Guard();
        var parsed = commands.Parse(arguments);
        if (parsed.Errors.Count > 0)
        {
            foreach (var message in CommandErrors.Of(parsed).Select(TextSanitizer.ForTerminal).Distinct())
                await Console.Error.WriteLineAsync(message);
            await Console.Error.WriteLineAsync(CommandErrors.Hint(parsed));
            return ExitCode.Configuration;
        }
        var invocation = new InvocationConfiguration { ProcessTerminationTimeout = s_grace, EnableDefaultExceptionHandler = false };
        return StandardOutput.Settle(await parsed.InvokeAsync(invocation));
    }
}
