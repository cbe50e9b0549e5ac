using System.Text;

namespace Migrator.App.Formatting;

/// <summary>Lines, bars, arrows and ellipses in ASCII, for a terminal whose locale has no UTF-8.
/// Letters of names stay as they are: they are data.</summary>
public static class TerminalText
{
    private const char Escape = '\u001b';

    /// <summary>By the variables that every program goes by.
    /// Without any of them, as in most containers, terminals are UTF-8 all the same.</summary>
    public static bool IsUnicode { get; } =
        OperatingSystem.IsWindows()
        || new[] { "LC_ALL", "LC_CTYPE", "LANG" }
            .Select(Environment.GetEnvironmentVariable)
            .FirstOrDefault(locale => !string.IsNullOrEmpty(locale))
            is not { } locale
        || locale.Contains("UTF-8", StringComparison.OrdinalIgnoreCase)
        || locale.Contains("UTF8", StringComparison.OrdinalIgnoreCase);

    public static string Ascii(string text)
    {
        if (System.Text.Ascii.IsValid(text))
            return text;
        // What is drawn in place must keep its width.
        var ellipsis = text.Contains(Escape) ? "~" : "...";
        var ascii = new StringBuilder(text.Length);
        foreach (var letter in text)
        {
            if (letter == '…')
                ascii.Append(ellipsis);
            else
                ascii.Append(Ascii(letter));
        }
        return ascii.ToString();
    }

    private static char Ascii(char letter) =>
        letter switch
        {
            '─' or '━' or '–' or '—' => '-',
            '│' or '┃' or '·' => '|',
            '→' or '▸' => '>',
            '←' => '<',
            '✓' => '+',
            '✗' or '×' => 'x',
            // Corners and crossings of tables.
            >= '┌' and <= '╿' => '+',
            _ => letter,
        };
}
