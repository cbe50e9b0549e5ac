using Spectre.Console;

namespace Migrator.Cli.Output;

/// <summary>Consoles to write summaries to.</summary>
public static class Terminal
{
    /// <summary>For a file or a pipe: no colours, and lines that are not wrapped, so that <c>grep</c> finds a whole one.</summary>
    public static IAnsiConsole Plain(TextWriter output)
    {
        var console = AnsiConsole.Create(
            new AnsiConsoleSettings
            {
                Ansi = AnsiSupport.No,
                ColorSystem = ColorSystemSupport.NoColors,
                Interactive = InteractionSupport.No,
                Out = new AnsiConsoleOutput(output),
            }
        );
        console.Profile.Width = 2000;
        console.Profile.Capabilities.Unicode = true;
        return console;
    }
}
