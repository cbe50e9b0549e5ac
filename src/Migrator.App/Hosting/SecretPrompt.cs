using Spectre.Console;

namespace Migrator.App.Hosting;

/// <summary>Asks a person for a secret, on the terminal.</summary>
internal static class SecretPrompt
{
    /// <param name="purpose">What the secret is for, as text.</param>
    /// <param name="stop">Ends the question; the terminal then echoes again.</param>
    public static string Ask(string purpose, CancellationToken stop)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        // Switches the echo off before the question is seen: who types at once must not read the secret.
        _ = Console.KeyAvailable;
        try
        {
            var question = new TextPrompt<string>($"{Markup.Escape(char.ToUpperInvariant(purpose[0]) + purpose[1..])}:").Secret(null);
            return console.PromptAsync(question, stop).GetAwaiter().GetResult();
        }
        catch (OperationCanceledException)
        {
            // The next words get a line of their own.
            Console.Error.WriteLine();
            throw;
        }
    }
}
