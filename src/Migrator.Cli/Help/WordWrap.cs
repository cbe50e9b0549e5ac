namespace Migrator.Cli.Help;

/// <summary>Breaks text at blanks. A word that is longer than a line is never cut: nobody could copy it.</summary>
internal static class WordWrap
{
    /// <param name="text">Without line ends.</param>
    /// <param name="width">Of a line, in columns.</param>
    /// <param name="end">What ends each line but the last, such as <c> \</c>.</param>
    public static IReadOnlyList<string> Lines(string text, int width, string end = "")
    {
        var (lines, line) = (new List<string>(), "");
        foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length + end.Length > width)
            {
                lines.Add(line + end);
                line = "";
            }
            line = line.Length == 0 ? word : $"{line} {word}";
        }
        lines.Add(line);
        return lines;
    }
}
