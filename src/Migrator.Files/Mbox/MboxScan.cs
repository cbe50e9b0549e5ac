using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Migrator.Files.Disk;
using Migrator.Files.Messages;

namespace Migrator.Files.Mbox;

/// <summary>Looks at every line of an mbox, in one pass, for what may be a separator. Of text nothing is held, so that a file of any size,
/// and a line of any length, will do.</summary>
internal sealed class MboxScan(string path, SafeFileHandle file)
{
    // Of a line only its beginning is examined; of labels, this much.
    private const int MostOfLine = 16 << 10;

    private readonly List<MboxCandidate> _candidates = [];
    private readonly byte[] _head = new byte[MostOfLine];
    private readonly StringBuilder _labels = new();
    private int _headLength;
    private byte _lineEnd;
    private byte _last;
    private long _line;
    private long _lineStart;
    private long _blankStart = -1;
    private int _endBeforeBlank;
    private int _endBefore;
    private MboxCandidate? _inHeader;
    private bool _inLabels;

    /// <summary>In the order of the file.</summary>
    public IReadOnlyList<MboxCandidate> Candidates => _candidates;

    /// <summary>Lines end with CR alone.</summary>
    public bool CarriageReturns => _lineEnd == '\r';

    /// <summary>Lines of one or several <c>&gt;</c> and <c>From </c>.</summary>
    public long QuotedLines { get; private set; }

    /// <summary>Where the last message ends: before the blank line at the end of the file.</summary>
    public long End { get; private set; }

    public long FileEnd { get; private set; }

    /// <summary>There is text that is part of no message.</summary>
    public bool BeginsWithText { get; private set; }

    public void Run(long from, CancellationToken cancellationToken)
    {
        _lineStart = from;
        var buffer = new byte[1 << 18];
        var at = from;
        for (int count; (count = FileErrors.Read(path, file, buffer, at)) > 0; at += count)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (at == from)
                _lineEnd =
                    buffer.AsSpan(0, count).Contains((byte)'\n') || !buffer.AsSpan(0, count).Contains((byte)'\r') ? (byte)'\n' : (byte)'\r';
            Take(buffer.AsSpan(0, count), at);
        }
        if (_headLength > 0 || at > _lineStart)
            EndLine(at, 0);
        CloseHeader(-1);
        End = _blankStart >= 0 ? _blankStart : at;
        FileEnd = at;
    }

    private void Take(ReadOnlySpan<byte> bytes, long at)
    {
        for (var start = 0; start < bytes.Length; )
        {
            var end = bytes[start..].IndexOf(_lineEnd);
            var line = end < 0 ? bytes[start..] : bytes.Slice(start, end);
            var kept = line[..Math.Min(line.Length, _head.Length - _headLength)];
            kept.CopyTo(_head.AsSpan(_headLength));
            _headLength += kept.Length;
            if (line.Length > 0)
                _last = line[^1];
            if (end < 0)
                return;
            start += end + 1;
            EndLine(at + start, _last == '\r' ? 2 : 1);
        }
    }

    /// <param name="endLength">Of the end of this line; 0 where the file ends without one.</param>
    private void EndLine(long next, int endLength)
    {
        _line++;
        var line = _head.AsSpan(0, _headLength).TrimEnd((byte)'\r');
        if (line.StartsWith("From "u8))
        {
            CloseHeader(-1);
            var end = _blankStart >= 0 ? _blankStart : _lineStart;
            _inHeader = new MboxCandidate(
                _lineStart,
                end,
                end - (_blankStart >= 0 ? _endBeforeBlank : _endBefore),
                _line,
                Separators.Kind(line),
                _blankStart >= 0 || _candidates.Count == 0
            );
            if (_inHeader.Kind == SeparatorKind.Gmail)
                _inHeader.GmailId = Separators.GmailId(Encoding.Latin1.GetString(line));
            _candidates.Add(_inHeader);
        }
        else if (_inHeader is { } candidate)
        {
            TakeHeader(candidate, line, next);
        }
        else if (_candidates.Count == 0 && line.Length > 0)
        {
            BeginsWithText = true;
        }
        if (line.StartsWith(">"u8) && line.TrimStart((byte)'>').StartsWith("From "u8))
            QuotedLines++;
        // A line of one CR only is blank; a last line without an end is none.
        if (endLength > 0 && line.Length == 0)
        {
            _blankStart = _lineStart;
            _endBeforeBlank = _endBefore;
        }
        else
        {
            _blankStart = -1;
        }
        (_lineStart, _headLength, _endBefore, _last) = (next, 0, endLength, 0);
    }

    private void TakeHeader(MboxCandidate candidate, ReadOnlySpan<byte> line, long next)
    {
        var isFirst = candidate.Then == AfterSeparator.Nothing;
        if (line.Length == 0)
        {
            if (isFirst)
                candidate.Then = AfterSeparator.BlankLine;
            CloseHeader(next);
        }
        else if (HeaderLine.Name(line) is { } name)
        {
            EndLabels(candidate);
            if (isFirst)
                candidate.Then = AfterSeparator.Field;
            if (HeaderLine.IsKnown(name))
                candidate.KnownFields++;
            var value = line[(line.IndexOf((byte)':') + 1)..];
            if (name.Equals("X-Mozilla-Status", StringComparison.OrdinalIgnoreCase))
                candidate.OfMozilla = true;
            else if (_candidates.Count == 1 && name.Equals("Subject", StringComparison.OrdinalIgnoreCase))
                candidate.OfFolder = value.Trim((byte)' ').StartsWith("DON'T DELETE THIS MESSAGE -- FOLDER INTERNAL DATA"u8);
            else if (name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase))
                candidate.ContentLength = long.TryParse(
                    Encoding.ASCII.GetString(value),
                    NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite,
                    CultureInfo.InvariantCulture,
                    out var length
                )
                    ? length
                    : -1;
            else if (name.Equals("X-Gmail-Labels", StringComparison.OrdinalIgnoreCase))
                _inLabels = AppendLabels(value);
        }
        else if (!isFirst && line[0] is (byte)' ' or (byte)'\t')
        {
            if (_inLabels)
                AppendLabels(line);
        }
        else if (isFirst || !line.StartsWith(">From "u8))
        {
            // No field and no blank line: this header never was one, or is broken here.
            if (isFirst)
                candidate.Then = AfterSeparator.Text;
            candidate.Broken = true;
            CloseHeader(-1);
        }
    }

    private bool AppendLabels(ReadOnlySpan<byte> text)
    {
        if (_labels.Length + text.Length <= MostOfLine)
            _labels.Append(Encoding.Latin1.GetString(text));
        return true;
    }

    private void EndLabels(MboxCandidate candidate)
    {
        if (_inLabels)
            candidate.Labels ??= _labels.ToString();
        _labels.Clear();
        _inLabels = false;
    }

    private void CloseHeader(long body)
    {
        if (_inHeader is not { } candidate)
            return;
        EndLabels(candidate);
        candidate.Body = body;
        _inHeader = null;
    }
}
