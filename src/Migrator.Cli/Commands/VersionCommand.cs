using System.CommandLine;
using System.Reflection;
using System.Runtime.InteropServices;
using Migrator.App.Commands;
using Migrator.App.Output;

namespace Migrator.Cli.Commands;

/// <summary><c>migrator version</c>.</summary>
internal static class VersionCommand
{
    /// <summary>Without the revision that it was built of.</summary>
    public static string Version =>
        (typeof(VersionCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "").Split(
            '+'
        )[0];

    public static Command Create()
    {
        var command = new Command("version", "Show the version and the platform.");
        command.SetAction(parsed =>
        {
            if (GlobalOptions.IsJson(parsed))
            {
                new JsonView(Console.Out, TimeProvider.System).Write(
                    new JsonLine("version")
                    {
                        { "version", Version },
                        { "runtime", RuntimeInformation.FrameworkDescription },
                        { "platform", RuntimeInformation.RuntimeIdentifier },
                    }
                );
            }
            else
            {
                Console.Out.WriteLine(
                    $"migrator {Version} ({RuntimeInformation.FrameworkDescription}, {RuntimeInformation.RuntimeIdentifier})"
                );
            }
            return ExitCode.Success;
        });
        return command;
    }
}
