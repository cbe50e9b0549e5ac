namespace Migrator.App.Formatting;

/// <summary>Breaks text at blanks. A word that is longer than a line is never cut: nobody could copy it.</summary>
public static class WordWrap
{
    // Below it, what is indented would be a column of single words.
    private const int Narrowest = 20;

    /// <param name="text">Without line ends.</param>
    /// <param name="width">Of a line, in columns.</param>
    /// <param name="end">What ends each line but the last, such as <c> \</c>.</param>
    public static IReadOnlyList<string> Lines(string text, int width, string end = "")
    {
        var (lines, line) = (new List<string>(), "");
        foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Length > 0 && TextSanitizer.Width(line) + 1 + TextSanitizer.Width(word) + end.Length > width)
            {
                lines.Add(line + end);
                line = "";
            }
            line = line.Length == 0 ? word : $"{line} {word}";
        }
        lines.Add(line);
        return lines;
    }

    /// <summary>Likewise, of lines for a terminal: what fits stays as it is.</summary>
    /// <param name="hanging">How far what goes on below is indented; null for as far as the beginning.</param>
    public static string Text(string text, int width, int? hanging = null) =>
        string.Join('\n', text.Split('\n').SelectMany(line => Wrapped(line, width, hanging)));

    private static IEnumerable<string> Wrapped(string line, int width, int? hanging)
    {
        var indent = new string(' ', Math.Min(hanging ?? line.Length - line.TrimStart(' ').Length, Math.Max(0, width - Narrowest)));
        while (TextSanitizer.Width(line) > width && Break(line, width) is { } at)
        {
            yield return line[..at].TrimEnd(' ');
            line = indent + line[at..].TrimStart(' ');
        }
        yield return line;
    }

    /// <returns>The last blank up to the width, else the first one behind it; null where there is none.</returns>
    private static int? Break(string line, int width)
    {
        var text = line.Length - line.TrimStart(' ').Length;
        int? found = null;
        for (var at = line.IndexOf(' ', text); at >= 0; at = line.IndexOf(' ', at + 1))
        {
            if (found is not null && TextSanitizer.Width(line[..at]) > width)
                return found;
            found = at;
        }
        return found;
    }
}
