using System.Globalization;
using System.Text;
using Migrator.Core.Redaction;
using Spectre.Console.Rendering;

namespace Migrator.App.Formatting;

/// <summary>Folder names, subjects and servers' words are written by strangers: made fit to be shown.</summary>
public static class TextSanitizer
{
    private const char Replacement = '\uFFFD';

    /// <summary>On one line, without control characters (an escape sequence in a folder name would reach the terminal)
    /// and without anything that turns the direction of what follows.</summary>
    public static string ForPage(string text) => Clean(text, forTerminal: false);

    /// <summary>Likewise, and without joiners and variation selectors: terminals disagree on how wide those make a
    /// character, and a line that is wider than reckoned wraps and breaks the picture.</summary>
    public static string ForTerminal(string text) => Clean(text, forTerminal: true);

    /// <returns>Columns on a terminal.</returns>
    public static int Width(string text) => new Segment(text).CellCount();

    /// <summary>At most this many columns: what is too long loses its middle, for both ends of a folder path say
    /// something.</summary>
    public static string Fit(string text, int columns)
    {
        // Half a secret would not be found later.
        text = SecretRedactor.Redact(text);
        if (Width(text) <= columns)
            return text;
        if (columns <= 1)
            return columns == 1 ? "…" : "";
        var elements = new List<string>();
        for (var all = StringInfo.GetTextElementEnumerator(text); all.MoveNext(); )
            elements.Add(all.GetTextElement());
        var head = Take(elements, columns / 3);
        var tail = Take(Enumerable.Reverse(elements), columns - 1 - Width(string.Concat(head)));
        tail.Reverse();
        return string.Concat(head) + "…" + string.Concat(tail);
    }

    /// <summary>At most this many columns: of a sentence, the beginning says most.</summary>
    public static string Cut(string text, int columns)
    {
        // As above.
        text = SecretRedactor.Redact(text);
        if (Width(text) <= columns)
            return text;
        var elements = new List<string>();
        for (var all = StringInfo.GetTextElementEnumerator(text); all.MoveNext() && elements.Count < columns; )
            elements.Add(all.GetTextElement());
        return columns < 1 ? "" : string.Concat(Take(elements, columns - 1)).TrimEnd() + "…";
    }

    /// <summary>Exactly this many columns.</summary>
    public static string Pad(string text, int columns, bool right = false)
    {
        text = Fit(text, columns);
        var blanks = new string(' ', Math.Max(0, columns - Width(text)));
        return right ? blanks + text : text + blanks;
    }

    private static List<string> Take(IEnumerable<string> elements, int columns)
    {
        var taken = new List<string>();
        foreach (var element in elements)
        {
            if ((columns -= Width(element)) < 0)
                break;
            taken.Add(element);
        }
        return taken;
    }

    private static string Clean(string text, bool forTerminal)
    {
        var clean = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            switch (Rune.GetUnicodeCategory(rune))
            {
                case UnicodeCategory.Control when rune.Value is '\t' or '\r' or '\n':
                case UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator:
                    clean.Append(' ');
                    break;
                case UnicodeCategory.Control:
                case UnicodeCategory.Format when rune.Value is (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069):
                    clean.Append(Replacement);
                    break;
                case UnicodeCategory.Format when forTerminal:
                case UnicodeCategory.NonSpacingMark
                    when forTerminal && rune.Value is (>= 0xFE00 and <= 0xFE0F) or (>= 0xE0100 and <= 0xE01EF):
                    break;
                default:
                    clean.Append(rune.ToString());
                    break;
            }
        }
        return clean.ToString();
    }
}
