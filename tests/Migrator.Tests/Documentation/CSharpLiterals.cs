using System.Text;
using System.Text.RegularExpressions;

namespace Migrator.Tests.Documentation;

/// <summary>Reads the string literals of C# code: ordinary, verbatim, interpolated and raw ones, and those in the holes of others.
/// What is in a hole is replaced by "{}".</summary>
internal sealed partial class CSharpLiterals
{
    private readonly string _code;

    private readonly List<(int Line, string Text)> _found = [];

    private int _at;

    private CSharpLiterals(string code) => _code = code;

    /// <returns>Each with the line where it begins, from 1.</returns>
    public static IReadOnlyList<(int Line, string Text)> Of(string code)
    {
        var reader = new CSharpLiterals(code);
        reader.ReadCode(inHole: false);
        return reader._found;
    }

    /// <summary>Up to the end; in a hole, up to the brace that closes it.</summary>
    private void ReadCode(bool inHole)
    {
        var depth = 0;
        while (_at < _code.Length)
        {
            var letter = _code[_at];
            if (inHole && depth == 0 && letter == '}')
                return;
            if (inHole && depth == 0 && letter == ':' && _code[_at + 1] != ':' && _code[_at - 1] != ':')
            {
                // A format. A conditional expression stands in parentheses there.
                _at = _code.IndexOf('}', _at);
                return;
            }
            if (letter is '(' or '[' or '{')
                depth++;
            else if (letter is ')' or ']' or '}')
                depth--;
            if (IsAt("//"))
                SkipTo("\n");
            else if (IsAt("/*"))
                SkipTo("*/");
            else if (letter == '\'')
                SkipCharacter();
            else if (letter is not ('"' or '$' or '@') || !ReadLiteral())
                _at++;
        }
    }

    private bool ReadLiteral()
    {
        var start = Start().Match(_code, _at);
        if (!start.Success)
            return false;
        var (prefix, quotes) = (start.Groups[1].Value, start.Groups[2].Length);
        var (isVerbatim, braces) = (prefix.Contains('@'), prefix.Count(letter => letter == '$'));
        var isRaw = quotes >= 3 && !isVerbatim;
        _at += prefix.Length + (isRaw ? quotes : 1);
        var line = _code.AsSpan(0, _at).Count('\n') + 1;
        _found.Add((line, isRaw ? RawText(quotes, braces) : QuotedText(isVerbatim, braces)));
        return true;
    }

    private string QuotedText(bool isVerbatim, int braces)
    {
        var text = new StringBuilder();
        while (_code[_at] != '"' || (isVerbatim && IsAt("\"\"")))
        {
            if (_code[_at] == '\\' && !isVerbatim)
            {
                text.Append(_code[_at + 1] is 'n' or 'r' or 't' ? ' ' : _code[_at + 1]);
                _at += 2;
            }
            else if (_code[_at] == '"' || (braces > 0 && (IsAt("{{") || IsAt("}}"))))
            {
                text.Append(_code[_at]);
                _at += 2;
            }
            else if (braces > 0 && _code[_at] == '{')
                text.Append(Hole(braces));
            else
                text.Append(_code[_at++]);
        }
        _at++;
        return text.ToString();
    }

    private string RawText(int quotes, int braces)
    {
        var (text, end) = (new StringBuilder(), new string('"', quotes));
        while (!IsAt(end))
        {
            if (braces > 0 && IsAt(new string('{', braces)))
            {
                // The innermost ones open the hole.
                while (IsAt(new string('{', braces + 1)))
                    text.Append(_code[_at++]);
                text.Append(Hole(braces));
            }
            else
                text.Append(_code[_at++]);
        }
        _at += quotes;
        return text.ToString();
    }

    private string Hole(int braces)
    {
        _at += braces;
        ReadCode(inHole: true);
        _at += braces;
        return "{}";
    }

    private void SkipCharacter()
    {
        _at += _code[_at + 1] == '\\' ? 3 : 2;
        SkipTo("'");
    }

    private void SkipTo(string end)
    {
        var found = _code.IndexOf(end, _at, StringComparison.Ordinal);
        _at = found < 0 ? _code.Length : found + end.Length;
    }

    private bool IsAt(string text) => string.CompareOrdinal(_code, _at, text, 0, text.Length) == 0;

    [GeneratedRegex("""\G([$@]*)("+)""")]
    private static partial Regex Start();
}
