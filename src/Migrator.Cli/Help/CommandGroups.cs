using System.CommandLine;

namespace Migrator.Cli.Help;

/// <summary>In which order, and under which headings, help lists commands.</summary>
internal static class CommandGroups
{
    private static readonly (string Title, string[] Commands)[] s_groups =
    [
        ("Migrate", ["copy", "check", "plan", "run", "verify", "cutover", "undo", "certificate"]),
        ("Back up", ["archive", "restore", "export", "import"]),
        ("Service", ["serve", "status", "jobs", "audit", "notify"]),
        ("Setup", ["discover", "login", "providers", "config", "completion", "version", "help"]),
    ];

    /// <summary>The commands below a command; those of the program itself under the heading of their group.</summary>
    public static IEnumerable<(string Title, IReadOnlyList<Command> Commands)> Of(Command command)
    {
        var shown = command.Subcommands.Where(inner => !inner.Hidden).ToList();
        if (command is not RootCommand)
            return [("Commands", shown)];
        return s_groups
            .Select(group =>
                (group.Title, (IReadOnlyList<Command>)[.. group.Commands.Select(name => shown.First(inner => inner.Name == name))])
            )
            .Append(("Other", [.. shown.Where(inner => !s_groups.Any(group => group.Commands.Contains(inner.Name)))]));
    }
}
