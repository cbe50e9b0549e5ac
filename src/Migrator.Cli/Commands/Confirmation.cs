using Migrator.App.Hosting;

namespace Migrator.Cli.Commands;

/// <summary>Asks a person a question whose answer is yes or no.</summary>
internal sealed class Confirmation(CommandContext context)
{
    // Reading a line cannot be cancelled: what one question left waiting, the next one uses.
    private static Task<string?>? s_line;

    /// <summary>A person is there: input comes from a terminal, and the output is not for a program.</summary>
    public bool CanAsk => !Console.IsInputRedirected && !context.Json;

    /// <returns>Whether the answer was yes; anything else is no, and so is the end of the input.</returns>
    public async Task<bool> AskAsync(string question, CancellationToken stop)
    {
        new CommandOutput(context).Ask($"{question} [y/N]");
        s_line ??= Task.Run(Console.In.ReadLine, CancellationToken.None);
        try
        {
            var line = await s_line.WaitAsync(stop);
            s_line = null;
            return line?.Trim().ToLowerInvariant() is "y" or "yes";
        }
        catch (OperationCanceledException)
        {
            // The next words get a separate line.
            context.Errors.WriteLine();
            throw;
        }
    }
}
