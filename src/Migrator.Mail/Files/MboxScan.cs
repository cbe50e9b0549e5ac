using Migrator.Core.Mail;

namespace Migrator.Mail.Files;

/// <summary>Finds where messages begin and end in an mbox, in one pass; of a message only its place is held, so that a file of
/// any size will do.</summary>
/// <remarks>A message begins with a line <c>From </c> at the start of the file or after a blank line. Behind the start the line
/// must also hold a time of day: some programs quote nothing, and a paragraph that begins with "From " would
/// otherwise cut a message in two. Mutt and Dovecot want a date there too.</remarks>
internal sealed class MboxScan(string path, string file)
{
    private readonly List<FoundMessage> _found = [];
    private readonly byte[] _head = new byte[256];
    private int _headLength;
    private long _lineStart;
    private long _blankStart = -1;
    private long _messageStart = -1;

    /// <summary>Whether a file begins as an mbox does. Blank lines may come first, and an empty file is an empty
    /// folder.</summary>
    public static bool IsMbox(string path)
    {
        using var handle = FileErrors.Open(path);
        Span<byte> head = stackalloc byte[512];
        head = head[..FileErrors.Read(path, handle, head, 0)];
        return head.TrimStart("\r\n"u8).StartsWith("From "u8) || head.Length == 0;
    }

    public List<FoundMessage> Run(long from, CancellationToken cancellationToken)
    {
        _lineStart = from;
        using var handle = FileErrors.Open(path);
        var buffer = new byte[1 << 18];
        var at = from;
        for (int count; (count = FileErrors.Read(path, handle, buffer, at)) > 0; at += count)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Take(buffer.AsSpan(0, count), at);
        }
        if (at > _lineStart)
            EndLine(at, ended: false);
        EndMessage(_blankStart >= 0 ? _blankStart : at);
        return _found;
    }

    private void Take(ReadOnlySpan<byte> octets, long at)
    {
        for (var start = 0; start < octets.Length;)
        {
            var end = octets[start..].IndexOf((byte)'\n');
            var line = end < 0 ? octets[start..] : octets.Slice(start, end);
            var kept = line[..Math.Min(line.Length, _head.Length - _headLength)];
            kept.CopyTo(_head.AsSpan(_headLength));
            _headLength += kept.Length;
            if (end < 0)
                return;
            start += end + 1;
            EndLine(at + start, ended: true);
        }
    }

    private void EndLine(long next, bool ended)
    {
        ReadOnlySpan<byte> head = _head.AsSpan(0, _headLength);
        if (_messageStart < 0 ? head.StartsWith("From "u8) : _blankStart >= 0 && head.StartsWith("From "u8) && HasTime(head))
        {
            EndMessage(_blankStart);
            _messageStart = _lineStart;
        }
        _blankStart = ended && head is [] or [(byte)'\r'] ? _lineStart : -1;
        (_lineStart, _headLength) = (next, 0);
    }

    private void EndMessage(long end)
    {
        if (_messageStart >= 0)
            _found.Add(new FoundMessage(file, _messageStart, end - _messageStart));
        _messageStart = -1;
    }

    private static bool HasTime(ReadOnlySpan<byte> line)
    {
        for (var i = 1; i + 2 < line.Length; i++)
        {
            if (line[i] == ':' && char.IsAsciiDigit((char)line[i - 1]) && char.IsAsciiDigit((char)line[i + 1]) && char.IsAsciiDigit((char)line[i + 2]))
                return true;
        }
        return false;
    }
}
