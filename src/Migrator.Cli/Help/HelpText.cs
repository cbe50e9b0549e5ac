using System.Text;
using Migrator.App.Formatting;

namespace Migrator.Cli.Help;

/// <summary>Help on a terminal.</summary>
public static class HelpText
{
    private const int Indent = 2,
        Gap = 2,
        WidestLabel = 30;

    // Below it, labels and texts do not fit side by side.
    private const int Narrowest = 40;

    /// <param name="width">Of the terminal, in columns.</param>
    public static string Of(CommandHelp help, int width)
    {
        var (text, columns) = (new StringBuilder(), Math.Max(width, Narrowest));
        Paragraph(text, help.Description, columns, 0);
        text.AppendLine().AppendLine("Usage:");
        Paragraph(text, help.Usage, columns, Indent);
        foreach (var section in help.Sections)
        {
            text.AppendLine().AppendLine($"{section.Title}:");
            Rows(text, section.Rows, columns);
        }
        if (help.Examples.Count > 0)
            text.AppendLine().AppendLine("Examples:");
        foreach (var example in help.Examples)
        {
            foreach (var line in WordWrap.Lines(example.What, columns - Indent - 2))
                text.Append(' ', Indent).AppendLine($"# {line}");
            // As a shell reads it, so that it can be copied.
            foreach (var (index, line) in WordWrap.Lines(example.Line, columns - Indent - 2, " \\").Index())
                text.Append(' ', index == 0 ? Indent : Indent + 2).AppendLine(line);
        }
        if (help.Command.Subcommands.Any(inner => !inner.Hidden))
        {
            text.AppendLine();
            Paragraph(text, $"Run \"{help.Path} COMMAND --help\" for more about a command.", columns, 0);
        }
        return text.ToString();
    }

    private static void Rows(StringBuilder text, IReadOnlyList<HelpRow> rows, int columns)
    {
        var label = Math.Min(rows.Max(row => row.Label.Length), Math.Min(WidestLabel, columns / 3));
        foreach (var row in rows)
        {
            text.Append(' ', Indent).Append(row.Label);
            var isBeside = row.Label.Length <= label;
            if (!isBeside)
                text.AppendLine();
            foreach (var (index, line) in WordWrap.Lines(row.Text, columns - Indent - label - Gap).Index())
                text.Append(' ', index == 0 && isBeside ? label + Gap - row.Label.Length : Indent + label + Gap).AppendLine(line);
        }
    }

    private static void Paragraph(StringBuilder text, string words, int columns, int indent)
    {
        foreach (var line in WordWrap.Lines(words, columns - indent))
            text.Append(' ', indent).AppendLine(line);
    }
}
