using System.CommandLine;
using System.CommandLine.Invocation;
using Migrator.App.Commands;
using Migrator.App.Output;

namespace Migrator.Cli.Help;

/// <summary>Shows help about the command that was typed.</summary>
internal sealed class ShowHelp : SynchronousCommandLineAction
{
    private const int WithoutTerminal = 80;

    /// <summary>Anyone who asks for help need not have given what the command requires.</summary>
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult) => Of(parseResult.CommandResult.Command);

    public static int Of(Command command)
    {
        Console.Out.Write(HelpText.Of(new CommandHelp(command, GlobalOptions.DefaultOf), Width));
        return ExitCode.Success;
    }

    private static int Width =>
        int.TryParse(Environment.GetEnvironmentVariable("COLUMNS"), out var columns) && columns > 0 ? columns
        : Console.IsOutputRedirected || Console.WindowWidth <= 0 ? WithoutTerminal
        : Console.WindowWidth;
}
