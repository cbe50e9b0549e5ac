using System.Text;

namespace Migrator.Tests.Terminal;

/// <summary>Breaks lines as a terminal does: where its last column is full.</summary>
internal static class TerminalRows
{
    public static IEnumerable<string> Of(string line, int width)
    {
        var (row, columns) = (new StringBuilder(), 0);
        foreach (var rune in line.EnumerateRunes())
        {
            var wide = App.Formatting.TextSanitizer.Width(rune.ToString());
            if (columns + wide > width)
            {
                yield return row.ToString().TrimEnd();
                (row, columns) = (row.Clear(), 0);
            }
            row.Append(rune.ToString());
            columns += wide;
        }
        yield return row.ToString().TrimEnd();
    }
}
