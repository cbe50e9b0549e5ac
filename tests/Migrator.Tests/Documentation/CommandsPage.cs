using System.CommandLine;
using System.Globalization;
using System.Text;
using Migrator.Cli.Commands;
using Migrator.Cli.Help;

namespace Migrator.Tests.Documentation;

/// <summary>Every command, as its help says it.</summary>
internal static class CommandsPage
{
    private const string Global = "Global options";

    public static string Generate()
    {
        var root = CommandLine.Create();
        var help = Help(root);
        var page = new StringBuilder("## Commands\n\n");
        string[] head = ["command", "description"];
        var all = new List<CommandHelp>();
        foreach (var group in help.Sections.TakeWhile(section => section.Title is not (Global or "Options")))
        {
            page.Append(CultureInfo.InvariantCulture, $"{group.Title}:\n\n");
            var commands = group.Rows.SelectMany(row => Under(root.Subcommands.Single(command => command.Name == row.Label))).ToList();
            var rows = commands.Select(command => (string[])[Link(command.Path), GeneratedPage.Escaped(command.Description)]);
            GeneratedPage.AddTable(page, rows.Prepend(head)).Append('\n');
            all.AddRange(commands);
        }
        page.Append(CultureInfo.InvariantCulture, $"## {Global}\n\nEvery command accepts these.\n\n");
        AddRows(page, help.Sections.Single(section => section.Title == Global), "option");
        all.ForEach(command => Add(page, command));
        return page.ToString().TrimEnd('\n') + "\n";
    }

    private static void Add(StringBuilder page, CommandHelp help)
    {
        page.Append(CultureInfo.InvariantCulture, $"## {help.Path}\n\n{GeneratedPage.Escaped(help.Description)}\n\n    {help.Usage}\n\n");
        foreach (var section in help.Sections.Where(section => section.Title is "Arguments" or "Options"))
            AddRows(page, section, section.Title == "Options" ? "option" : "argument");
        if (help.Command.Subcommands.Any(inner => !inner.Hidden))
        {
            var inner = help.Command.Subcommands.Where(inner => !inner.Hidden).Select(inner => Link($"{help.Path} {inner.Name}"));
            page.Append("Commands: ").AppendJoin(", ", inner).Append(".\n\n");
        }
        page.Append("```sh\n");
        foreach (var example in help.Examples)
            page.Append(CultureInfo.InvariantCulture, $"# {example.What}\n{example.Line}\n");
        page.Append("```\n\n");
    }

    private static void AddRows(StringBuilder page, HelpSection section, string kind) =>
        GeneratedPage
            .AddTable(
                page,
                section.Rows.Select(row => (string[])[$"`{row.Label.Trim()}`", GeneratedPage.Escaped(row.Text)]).Prepend([kind, "meaning"])
            )
            .Append('\n');

    private static string Link(string path) => $"[`{path}`](#{path.Replace(' ', '-')})";

    private static IEnumerable<CommandHelp> Under(Command command) =>
        command.Subcommands.Where(inner => !inner.Hidden).SelectMany(Under).Prepend(Help(command));

    /// <summary>As on manual pages: the default of a machine is not that of another.</summary>
    private static CommandHelp Help(Command command) => new(command, option => option.Name == "--state" ? "~/.local/state/migrator" : null);
}
