using Migrator.App.Formatting;

namespace Migrator.Cli.Output;

/// <summary>A table with one line for each row, whatever the width: columns without content are left out, then cells are cut, then columns
/// left out.</summary>
public static class FittedTable
{
    private const int Gap = 2;

    /// <returns>The line of titles, and one for each row.</returns>
    public static IReadOnlyList<string> Lines(IReadOnlyList<FittedColumn> columns, IReadOnlyList<string[]> rows, int width)
    {
        var clean = rows.Select(row => row.Select(TextSanitizer.ForTerminal).ToArray()).ToList();
        var shown = columns.Index().Where(column => clean.Exists(row => row[column.Index].Length > 0)).ToList();
        var widths = shown.ToDictionary(
            column => column.Index,
            column => clean.Select(row => row[column.Index]).Append(column.Item.Title).Max(TextSanitizer.Width)
        );
        while (
            shown.Sum(column => Least(column) + Gap) - Gap > width && shown.MaxBy(column => column.Item.Rank) is { Item.Rank: > 0 } least
        )
            shown.Remove(least);
        while (shown.Sum(column => widths[column.Index] + Gap) - Gap > width && Widest() is { } widest)
            widths[widest]--;
        return [.. clean.Prepend([.. columns.Select(column => column.Title)]).Select(row => TextSanitizer.Cut(Line(row), width))];

        // Of those that can be narrower; null where there is none.
        int? Widest() =>
            shown
                .Where(column => widths[column.Index] > Least(column))
                .Select(column => (int?)column.Index)
                .MaxBy(index => widths[index!.Value]);

        int Least((int Index, FittedColumn Item) column) =>
            column.Item.Least == 0 ? widths[column.Index] : Math.Min(column.Item.Least, widths[column.Index]);

        string Line(string[] row) =>
            string.Join(new string(' ', Gap), shown.Select(column => Cell(row[column.Index], column.Item, widths[column.Index]))).TrimEnd();
    }

    private static string Cell(string text, FittedColumn column, int width) =>
        TextSanitizer.Pad(column.IsSentence ? TextSanitizer.Cut(text, width) : text, width, column.Right);
}
