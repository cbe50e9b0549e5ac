using System.Text;

namespace Migrator.Core.Files;

/// <summary>Rows of cells between delimiters (RFC 4180), as spreadsheets and people write them: blanks around a cell, lines that are empty
/// and lines that begin with <c>#</c> are nothing.</summary>
/// <remarks>A double quote counts only where a cell begins with it. Elsewhere it is part of the cell, as in <c>5" pipe</c>: were it the
/// beginning of something, one cell would take its neighbours along.</remarks>
/// <param name="delimiter">No double quote, blank or line end.</param>
internal sealed class CsvText(string text, char delimiter)
{
    private const char Quote = '"',
        Comment = '#';

    private int _at;

    /// <summary>With the delimiter that the text says (<c>sep=;</c>, as spreadsheets write it), or that its first line has.</summary>
    /// <returns>Null where it says one that cannot be a delimiter.</returns>
    public static CsvText? Open(string text) =>
        SaidDelimiter(text) switch
        {
            '"' or ' ' or '\r' or '\n' => null,
            { } said => new CsvText($"#{text}", said),
            null => new CsvText(text, Delimiter(text)),
        };

    /// <summary>The line in which the row that was read last ends; from 1 on.</summary>
    public int Line { get; private set; }

    /// <returns>The cells of the next row; null where there is none.</returns>
    public string[]? Read()
    {
        while (_at < text.Length && text[_at] is Comment or '\r' or '\n')
            EndLine();
        if (_at == text.Length)
            return null;
        var cells = new List<string> { Cell() };
        while (_at < text.Length && text[_at] == delimiter)
        {
            _at++;
            cells.Add(Cell());
        }
        EndLine();
        return [.. cells];
    }

    /// <summary>Of the line that names the columns, as those have no delimiter in them.</summary>
    private static char Delimiter(string text)
    {
        using var lines = new StringReader(text);
        for (var line = lines.ReadLine(); line is not null; line = lines.ReadLine())
        {
            if (line.Trim().Length > 0 && !line.StartsWith(Comment))
                return new[] { ',', ';', '\t' }.MaxBy(delimiter => line.Count(letter => letter == delimiter));
        }
        return ',';
    }

    /// <summary>Spreadsheets write or want it in a line of its own before all others: "sep=;".</summary>
    private static char? SaidDelimiter(string text) =>
        text.StartsWith("sep=", StringComparison.OrdinalIgnoreCase) && text.Length > 5 && text[5] is '\r' or '\n' ? text[4] : null;

    private void EndLine()
    {
        Line++;
        _at = text.AsSpan(_at).IndexOfAny('\r', '\n') is >= 0 and var length ? _at + length : text.Length;
        if (_at < text.Length)
            _at += text.AsSpan(_at).StartsWith("\r\n") ? 2 : 1;
    }

    private string Cell()
    {
        while (_at < text.Length && text[_at] == ' ')
            _at++;
        var start = _at;
        var isQuoted = start < text.Length && text[start] == Quote;
        // Broken: behind its closing quote stands something else than the delimiter, and then a quote again.
        var (isOpen, isBroken) = (false, false);
        for (; _at < text.Length; _at++)
        {
            var letter = text[_at];
            if (isQuoted && letter == Quote)
            {
                isBroken |= !isOpen && _at > start && text[_at - 1] != Quote;
                isOpen = !isOpen && !isBroken;
            }
            if (!isOpen && (letter == delimiter || letter is '\r' or '\n'))
                break;
            if (isOpen && (letter == '\r' || (letter == '\n' && text[_at - 1] != '\r')))
                Line++;
        }
        var cell = text.AsSpan(start, _at - start).TrimEnd(' ');
        if (!isQuoted)
            return cell.ToString();
        var isWhole = !isBroken && cell.Length > 1 && cell[^1] == Quote;
        return Unquoted(isWhole ? cell[1..^1] : cell[1..], isWhole);
    }

    /// <param name="inner">Of a cell, behind the quote that it begins with.</param>
    /// <param name="isWhole">The quote that closes it ended the cell, and is cut off. Otherwise what is behind that quote is kept, and
    /// no quote before it is.</param>
    private static string Unquoted(ReadOnlySpan<char> inner, bool isWhole)
    {
        var cell = new StringBuilder(inner.Length);
        while (inner.IndexOf(Quote) is >= 0 and var quote)
        {
            cell.Append(inner[..quote]);
            if (!inner[(quote + 1)..].StartsWith(Quote))
                return cell.Append(inner[(quote + 1)..]).ToString();
            if (isWhole)
                cell.Append(Quote);
            inner = inner[(quote + 2)..];
        }
        return cell.Append(inner).ToString();
    }
}
