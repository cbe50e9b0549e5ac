using System.CommandLine;
using System.Text;
using Migrator.App.Output;
using Migrator.Cli.Help;
using Migrator.Core.Files;

namespace Migrator.Cli.Commands;

/// <summary><c>migrator man</c>: how the build makes the manual pages. People read those that were made, so help does not list
/// it.</summary>
internal static class ManCommand
{
    private const UnixFileMode ForAll = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    public static Command Create(RootCommand root)
    {
        var directory = new Argument<DirectoryInfo>("directory") { Description = "An existing directory.", HelpName = "DIR" };
        directory.AcceptExistingOnly();
        var command = new Command("man", "Write the manual pages.") { directory };
        command.Hidden = true;
        command.SetAction(parsed =>
        {
            var pages = parsed.GetRequiredValue(directory).FullName;
            foreach (var help in Under(root))
                Write(Path.Combine(pages, ManPage.FileName(help)), ManPage.Of(help, VersionCommand.Version, Today()));
            return ExitCode.Success;
        });
        return command;
    }

    /// <summary>Every command that help lists.</summary>
    public static IEnumerable<CommandHelp> Under(Command command) =>
        command
            .Subcommands.Where(inner => !inner.Hidden)
            .SelectMany(Under)
            .Prepend(new CommandHelp(command, option => option.Name == "--state" ? "~/.local/state/migrator" : null));

    private static void Write(string file, string page)
    {
        File.Delete(file);
        PrivateFiles.Write(file, Encoding.UTF8.GetBytes(page));
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(file, ForAll);
    }

    // What reproducible builds call the day on which they were made.
    private static DateOnly Today() =>
        DateOnly.FromDateTime(
            long.TryParse(Environment.GetEnvironmentVariable("SOURCE_DATE_EPOCH"), out var seconds)
                ? DateTimeOffset.FromUnixTimeSeconds(seconds).UtcDateTime
                : TimeProvider.System.GetUtcNow().UtcDateTime
        );
}
