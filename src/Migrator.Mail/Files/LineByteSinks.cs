namespace Migrator.Mail.Files;

/// <summary>A line end that is only CR becomes CRLF, as in files of the old Mac that hold no LF at all.</summary>
internal sealed class CrToCrlfByteSink(IByteSink next) : IByteSink
{
    public void Write(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var end = bytes.IndexOf((byte)'\r');
            if (end < 0)
            {
                next.Write(bytes);
                return;
            }
            next.Write(bytes[..end]);
            next.Write("\r\n"u8);
            bytes = bytes[(end + 1)..];
        }
    }

    public void End() => next.End();
}

/// <summary>Counts bytes and line ends, and drops them.</summary>
internal sealed class LineCount : IByteSink
{
    private bool _afterCr;

    public long Count { get; private set; }

    public long LineFeeds { get; private set; }

    public long CarriageReturns { get; private set; }

    /// <summary>Line ends that are LF alone.</summary>
    public long Bare { get; private set; }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        Count += bytes.Length;
        CarriageReturns += bytes.Count((byte)'\r');
        for (var rest = bytes; rest.IndexOf((byte)'\n') is >= 0 and var end; rest = rest[(end + 1)..])
        {
            LineFeeds++;
            var at = bytes.Length - rest.Length + end;
            if (at > 0 ? bytes[at - 1] != '\r' : !_afterCr)
                Bare++;
        }
        if (bytes.Length > 0)
            _afterCr = bytes[^1] == '\r';
    }

    public void End() { }
}

/// <summary>Looks whether the bytes that pass hold a word.</summary>
internal sealed class WordFinder(byte[] word, IByteSink next) : IByteSink
{
    private readonly List<byte> _end = [];

    public bool Found { get; private set; }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        // It may begin in one piece and end in the next.
        _end.AddRange(bytes[..Math.Min(bytes.Length, word.Length)]);
        Found |= bytes.IndexOf(word) >= 0 || System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_end).IndexOf(word) >= 0;
        if (bytes.Length >= word.Length)
            _end.Clear();
        _end.AddRange(bytes[^Math.Min(bytes.Length, word.Length)..]);
        if (_end.Count > word.Length)
            _end.RemoveRange(0, _end.Count - word.Length);
        next.Write(bytes);
    }

    public void End() => next.End();
}

/// <summary>UTF-16 that holds nothing but ASCII becomes ASCII. With other characters it is not known which encoding the message was in
/// before an editor converted it.</summary>
internal sealed class WideToAscii(bool bigEndian, IByteSink next) : IByteSink
{
    private int _first = -1;

    public void Write(ReadOnlySpan<byte> bytes)
    {
        var ascii = new byte[(bytes.Length / 2) + 1];
        var count = 0;
        foreach (var value in bytes)
        {
            if (_first < 0)
            {
                _first = value;
                continue;
            }
            var code = bigEndian ? (_first << 8) | value : (value << 8) | _first;
            if (code > 0x7F)
                throw new InvalidDataException(
                    "it is UTF-16 with characters beyond ASCII; convert it to the encoding that its header names"
                );
            ascii[count++] = (byte)code;
            _first = -1;
        }
        next.Write(ascii.AsSpan(0, count));
    }

    public void End()
    {
        if (_first >= 0)
            throw new InvalidDataException("it is UTF-16 and ends in the middle of a character");
        next.End();
    }
}
