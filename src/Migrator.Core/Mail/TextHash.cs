using System.Net;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Migrator.Core.Mail;

/// <summary>Hashes a text without what changes when it is folded, encoded or made into HTML: white space, and the tags, styles and entities
/// of HTML.</summary>
internal sealed class TextHash(Encoding charset, bool html) : IDisposable
{
    private const int LongestTag = 16;
    private const int LongestEntity = 16;

    private static readonly HashSet<string> s_silent = ["style", "script", "title"];

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly Decoder _decoder = charset.GetDecoder();
    private readonly StringBuilder _tag = new();
    private readonly StringBuilder _entity = new();
    private readonly char[] _letters = new char[1024];
    private int _count;
    private bool _any,
        _inTag,
        _inEntity;
    private char _last,
        _beforeLast;
    private string? _silent;

    public void Append(ReadOnlySpan<byte> bytes)
    {
        Span<char> letters = stackalloc char[1024];
        while (bytes.Length > 0)
        {
            _decoder.Convert(bytes, letters, flush: false, out var used, out var made, out _);
            bytes = bytes[used..];
            foreach (var letter in letters[..made])
                Append(letter);
        }
    }

    /// <returns>Null where it says nothing.</returns>
    public ContentId? Finish()
    {
        Span<char> letters = stackalloc char[64];
        var made = _decoder.GetChars([], letters, flush: true);
        foreach (var letter in letters[..made])
            Append(letter);
        EndEntity();
        Flush();
        return _any ? new ContentId(_hash.GetHashAndReset()) : null;
    }

    public void Dispose() => _hash.Dispose();

    private void Append(char letter)
    {
        if (!html)
            Put(letter);
        else if (_inTag)
            AppendTag(letter);
        else if (letter == '<')
        {
            EndEntity();
            _tag.Clear();
            (_inTag, _last, _beforeLast) = (true, '\0', '\0');
        }
        else if (_silent is not null)
            return;
        else if (_inEntity)
        {
            if (letter == ';' || _entity.Length >= LongestEntity || !(char.IsAsciiLetterOrDigit(letter) || letter == '#'))
            {
                if (letter == ';')
                    _entity.Append(letter);
                EndEntity();
                if (letter != ';')
                    Append(letter);
            }
            else
                _entity.Append(letter);
        }
        else if (letter == '&')
        {
            _entity.Clear().Append(letter);
            _inEntity = true;
        }
        else
            Put(letter);
    }

    private void AppendTag(char letter)
    {
        var isComment = _tag.Length >= 3 && _tag[0] == '!' && _tag[1] == '-' && _tag[2] == '-';
        if (letter == '>' && (!isComment || (_last == '-' && _beforeLast == '-')))
        {
            _inTag = false;
            var name = _tag.ToString().Split([' ', '\t', '\r', '\n'], 2)[0].ToLowerInvariant();
            if (_silent is null && s_silent.Contains(name))
                _silent = name;
            else if (_silent is not null && name == "/" + _silent)
                _silent = null;
            return;
        }
        if (_tag.Length < LongestTag)
            _tag.Append(letter);
        (_beforeLast, _last) = (_last, letter);
    }

    private void EndEntity()
    {
        if (!_inEntity)
            return;
        _inEntity = false;
        foreach (var letter in WebUtility.HtmlDecode(_entity.ToString()))
            Put(letter);
    }

    private void Put(char letter)
    {
        // Zero width characters and the mark of byte order are none to a reader either.
        if (char.IsWhiteSpace(letter) || char.IsControl(letter) || letter is '\u200b' or '\ufeff' or '\u00ad')
            return;
        _any = true;
        _letters[_count++] = letter;
        if (_count == _letters.Length)
            Flush();
    }

    private void Flush()
    {
        _hash.AppendData(MemoryMarshal.AsBytes(_letters.AsSpan(0, _count)));
        _count = 0;
    }
}
