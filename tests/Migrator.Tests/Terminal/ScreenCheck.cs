using System.Text.RegularExpressions;
using Migrator.App.Formatting;

namespace Migrator.Tests.Terminal;

/// <summary>What no screen may have, whatever it is about.</summary>
internal static partial class ScreenCheck
{
    public static IEnumerable<string> Mistakes(Screen screen)
    {
        if (screen.IsVerbatim)
            yield break;
        foreach (var (index, line) in screen.Lines.Index())
        {
            if (TextSanitizer.Width(line) > screen.Width && !IsCopied(line, screen.Width))
                yield return $"The terminal breaks this line: {line}";
            if (IsProse(line) && DoubleSpace().IsMatch(line))
                yield return $"Two spaces in a sentence: {line}";
            if (line.EnumerateRunes().FirstOrDefault(rune => Rune(rune)) is { Value: > 0 } unreadable)
                yield return $"U+{unreadable.Value:X4} cannot be read: {line}";
            if (Trace().IsMatch(line))
                yield return $"This is for programmers: {line}";
            if (index > 0 && line.Length == 0 && screen.Lines[index - 1].Length == 0)
                yield return $"An empty line too many, line {index + 1}";
        }
        if (screen.Lines.All(line => line.Length == 0) && screen.Code != 0)
            yield return $"It ends with {screen.Code} and says nothing.";
    }

    /// <summary>A word that was cut, or broken over two lines, is none of the widest screen.</summary>
    /// <param name="widest">The file of the widest screen.</param>
    public static IEnumerable<string> BrokenWords(Screen screen, string? widest) =>
        screen.IsVerbatim ? [] : screen.Lines.SelectMany(Words).Except((widest ?? "").Split('\n').SelectMany(Words));

    private static IEnumerable<string> Words(string line) =>
        line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Where(word => !word.Contains('…') && word.Any(char.IsLetterOrDigit));

    /// <summary>Words that people copy whole, such as a path or a hash, are not broken by the program; nothing else on the line needs more
    /// than the terminal has.</summary>
    private static bool IsCopied(string line, int width) =>
        line.Split(' ').Where(word => Copied().IsMatch(word)).Any(word => TextSanitizer.Width(line) - TextSanitizer.Width(word) <= width)
        && line.TrimStart().Count(letter => letter == ' ') - Gaps(line) <= 2;

    private static int Gaps(string line) => DoubleSpace().Matches(line).Sum(gap => gap.Length);

    /// <summary>A sentence of its own, not a row of a table or a list.</summary>
    private static bool IsProse(string line) => line.Length > 0 && line[0] != ' ' && line[^1] is '.' or ':' && !Columns().IsMatch(line);

    private static bool Rune(System.Text.Rune rune) => System.Text.Rune.IsControl(rune) || rune.Value == 0xFFFD;

    [GeneratedRegex(@"^\s+at [\w.<>]+\(|\b(?:System|Microsoft|Spectre|Migrator)\.[A-Z]\w+\.?[A-Z]|Exception\b|Unhandled")]
    private static partial Regex Trace();

    [GeneratedRegex("[/\\\\]|[0-9a-f]{32}|[0-9A-Z]{4}(?:-[0-9A-Z]{4}){4}")]
    private static partial Regex Copied();

    [GeneratedRegex(" {2,}")]
    private static partial Regex DoubleSpace();

    // Three columns or more.
    [GeneratedRegex(@"\S {2,}\S.* {2,}\S")]
    private static partial Regex Columns();
}
