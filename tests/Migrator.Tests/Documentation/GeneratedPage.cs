using System.Text;
using Migrator.Tests.Telemetry;
using Xunit;

namespace Migrator.Tests.Documentation;

/// <summary>A page of docs/ of which one part, between two marker comments, is generated.</summary>
/// <param name="Name">Below docs/.</param>
/// <param name="Generate">What belongs between the markers: whole lines.</param>
public sealed record GeneratedPage(string Name, Func<string> Generate)
{
    public const string Begin = "<!-- generated -->\n",
        End = "<!-- end -->\n";

    public static IReadOnlyList<GeneratedPage> All { get; } =
    [
        new("reference/job-file.md", JobFilePage.Generate),
        new("reference/commands.md", CommandsPage.Generate),
        new("troubleshooting.md", TroubleshootingPage.Generate),
        new("providers.md", ProvidersPage.Generate),
    ];

    /// <summary>With MIGRATOR_UPDATE_DOCS=1, the page is rewritten.</summary>
    public void Check()
    {
        var path = Docs.Path(Name);
        var text = File.ReadAllText(path);
        var begin = text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        var end = text.IndexOf(End, StringComparison.Ordinal);
        Assert.True(begin >= Begin.Length && end >= begin, $"docs/{Name} lacks the lines {Begin.Trim()} and {End.Trim()}.");
        var expected = $"{text[..begin]}\n{Generate()}\n{text[end..]}";
        if (Environment.GetEnvironmentVariable("MIGRATOR_UPDATE_DOCS") == "1")
            File.WriteAllText(path, text = expected);

        Assert.True(
            expected == text,
            $"""
            docs/{Name} is not what its source says.
            Run MIGRATOR_UPDATE_DOCS=1 ./test.sh -class "*DocTests" -class "*DocsTests" to rewrite it.
            {Difference(expected, text)}
            """
        );
    }

    /// <summary>A table of Markdown.</summary>
    /// <param name="rows">Cells, the head first.</param>
    public static StringBuilder AddTable(StringBuilder page, IEnumerable<string[]> rows)
    {
        foreach (var (index, row) in rows.Index())
        {
            page.Append("| ").AppendJoin(" | ", row.Select(cell => cell.Replace("|", "\\|", StringComparison.Ordinal))).Append(" |\n");
            if (index == 0)
                page.Append('|').Insert(page.Length, "---|", row.Length).Append('\n');
        }
        return page;
    }

    /// <summary>Text that is not Markdown, such as a pattern with asterisks.</summary>
    public static string Escaped(string text) =>
        text.Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("*", "\\*", StringComparison.Ordinal)
            .Replace("<", "&lt;", StringComparison.Ordinal);

    private static string Difference(string expected, string actual)
    {
        var (wanted, found) = (expected.Split('\n'), actual.Split('\n'));
        var line = wanted.Zip(found).TakeWhile(pair => pair.First == pair.Second).Count();
        return $"line {line + 1}: {found.ElementAtOrDefault(line)}\nshould be: {wanted.ElementAtOrDefault(line)}";
    }
}
