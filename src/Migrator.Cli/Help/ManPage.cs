using System.Globalization;
using System.Text;

namespace Migrator.Cli.Help;

/// <summary>A command's help as a manual page, in the man macros of roff.</summary>
public static class ManPage
{
    private static readonly (string Name, string Text)[] s_environment =
    [
        ("MIGRATOR_SETTINGS", "Directory with appsettings.json, used instead of the standard ones."),
        ("MIGRATOR_ENVIRONMENT", "Name of the overlay: Cluster adds appsettings.Cluster.json."),
        ("MIGRATOR_NAME__NAME", "Overrides the setting NAME:NAME, such as MIGRATOR_Worker__MaxConcurrency=20."),
        ("MIGRATOR_SOURCE_PASSWORD, MIGRATOR_TARGET_PASSWORD", "Passwords of \"migrator copy\", \"restore\" and \"import\"."),
        ("NO_COLOR", "If set to any value, the output has no colors."),
    ];

    private static readonly (string Name, string Text)[] s_files =
    [
        ("/etc/migrator/appsettings.json", "Settings for all users."),
        ("~/.config/migrator/appsettings.json", "Settings of the user; they override those for all users."),
        ("~/.local/state/migrator", "Checkpoints, spool and reports."),
    ];

    private static readonly (string Code, string Text)[] s_exitCodes =
    [
        ("0", "Success."),
        ("1", "Some messages or folders are missing, different or damaged; the report names them."),
        ("2", "Nothing was started: command line, settings, job file, password or archive key."),
        ("3", "A server or an archive store was unreachable, refused the login or was lost."),
        ("70", "Internal error in Migrator."),
        ("74", "Standard output could not be written."),
        ("130", "Interrupted by Ctrl-C or SIGTERM."),
    ];

    /// <summary>Such as <c>migrator-archive-prune.1</c>.</summary>
    public static string FileName(CommandHelp help) => $"{Title(help.Path)}.1";

    /// <param name="date">Of the page.</param>
    public static string Of(CommandHelp help, string version, DateOnly date)
    {
        var page = new StringBuilder();
        var day = date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        string[] title = [Title(help.Path).ToUpperInvariant(), "1", day, $"Migrator {version}", "Migrator manual"];
        page.Append(".TH ").AppendJoin(' ', title.Select(Quoted)).Append('\n');
        Head(page, "NAME")
            .Append(CultureInfo.InvariantCulture, $"{Escaped(Title(help.Path))} \\- {Escaped(FirstSentence(help.Description))}\n");
        Head(page, "SYNOPSIS").Append(CultureInfo.InvariantCulture, $"{Text(help.Usage)}\n");
        Head(page, "DESCRIPTION").Append(CultureInfo.InvariantCulture, $"{Text(help.Description)}\n");
        foreach (var section in help.Sections)
            List(page, section.Title.ToUpperInvariant(), section.Rows.Select(row => (row.Label.Trim(), row.Text)));
        if (help.Examples.Count > 0)
            Head(page, "EXAMPLES");
        foreach (var example in help.Examples)
            page.Append(CultureInfo.InvariantCulture, $".PP\n{Text(example.What)}:\n.PP\n.RS 4\n.nf\n{Text(example.Line)}\n.fi\n.RE\n");
        List(page, "EXIT STATUS", s_exitCodes);
        if (help.Command is System.CommandLine.RootCommand)
        {
            List(page, "ENVIRONMENT", s_environment);
            List(page, "FILES", s_files);
        }
        var others = SeeAlso(help).Select(path => $".BR {Escaped(Title(path))} (1)").ToList();
        if (others.Count > 0)
            Head(page, "SEE ALSO").AppendJoin(",\n", others).Append('\n');
        return page.ToString();
    }

    private static string Title(string path) => path.Replace(' ', '-');

    private static IEnumerable<string> SeeAlso(CommandHelp help)
    {
        var last = help.Path.LastIndexOf(' ');
        return help
            .Command.Subcommands.Where(inner => !inner.Hidden)
            .Select(inner => $"{help.Path} {inner.Name}")
            .Prepend(last < 0 ? "" : help.Path[..last])
            .Where(path => path.Length > 0);
    }

    private static StringBuilder Head(StringBuilder page, string title) =>
        page.Append(CultureInfo.InvariantCulture, $".SH {Quoted(title)}\n");

    private static void List(StringBuilder page, string title, IEnumerable<(string Name, string Text)> rows)
    {
        Head(page, title);
        foreach (var (name, text) in rows)
            page.Append(CultureInfo.InvariantCulture, $".TP\n.B {Escaped(name)}\n{Text(text)}\n");
    }

    private static string FirstSentence(string text) =>
        (text.IndexOf(". ", StringComparison.Ordinal) is > 0 and var end ? text[..end] : text).TrimEnd('.');

    private static string Quoted(string text) => $"\"{Escaped(text)}\"";

    /// <summary>A line of text: what begins it must not be taken for a request.</summary>
    private static string Text(string text) => text.StartsWith('.') || text.StartsWith('\'') ? $"\\&{Escaped(text)}" : Escaped(text);

    /// <summary>Hyphens are to be copied as they are typed, and quotes are not to become typographic.</summary>
    private static string Escaped(string text) =>
        text.Replace("\\", "\\e", StringComparison.Ordinal)
            .Replace("-", "\\-", StringComparison.Ordinal)
            .Replace("\"", "\\(dq", StringComparison.Ordinal)
            .Replace("'", "\\(aq", StringComparison.Ordinal)
            .Replace("~", "\\(ti", StringComparison.Ordinal)
            .Replace("^", "\\(ha", StringComparison.Ordinal)
            .Replace("`", "\\(ga", StringComparison.Ordinal);
}
