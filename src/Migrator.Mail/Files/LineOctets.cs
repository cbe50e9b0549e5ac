namespace Migrator.Mail.Files;

/// <summary>A line end that is only CR becomes CRLF, as in files of the old Mac that hold no LF at all.</summary>
internal sealed class CrToCrlfOctets(IOctets next) : IOctets
{
    public void Write(ReadOnlySpan<byte> octets)
    {
        while (octets.Length > 0)
        {
            var end = octets.IndexOf((byte)'\r');
            if (end < 0)
            {
                next.Write(octets);
                return;
            }
            next.Write(octets[..end]);
            next.Write("\r\n"u8);
            octets = octets[(end + 1)..];
        }
    }

    public void End() => next.End();
}

/// <summary>Counts octets and line ends, and drops them.</summary>
internal sealed class LineCount : IOctets
{
    private bool _afterCr;

    public long Count { get; private set; }

    public long LineFeeds { get; private set; }

    public long CarriageReturns { get; private set; }

    /// <summary>Line ends that are LF alone.</summary>
    public long Bare { get; private set; }

    public void Write(ReadOnlySpan<byte> octets)
    {
        Count += octets.Length;
        CarriageReturns += octets.Count((byte)'\r');
        for (var rest = octets; rest.IndexOf((byte)'\n') is >= 0 and var end; rest = rest[(end + 1)..])
        {
            LineFeeds++;
            var at = octets.Length - rest.Length + end;
            if (at > 0 ? octets[at - 1] != '\r' : !_afterCr)
                Bare++;
        }
        if (octets.Length > 0)
            _afterCr = octets[^1] == '\r';
    }

    public void End()
    {
    }
}

/// <summary>Looks whether the octets that pass hold a word.</summary>
internal sealed class WordFinder(byte[] word, IOctets next) : IOctets
{
    private readonly List<byte> _end = [];

    public bool Found { get; private set; }

    public void Write(ReadOnlySpan<byte> octets)
    {
        // It may begin in one piece and end in the next.
        _end.AddRange(octets[..Math.Min(octets.Length, word.Length)]);
        Found |= octets.IndexOf(word) >= 0 || System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_end).IndexOf(word) >= 0;
        if (octets.Length >= word.Length)
            _end.Clear();
        _end.AddRange(octets[^Math.Min(octets.Length, word.Length)..]);
        if (_end.Count > word.Length)
            _end.RemoveRange(0, _end.Count - word.Length);
        next.Write(octets);
    }

    public void End() => next.End();
}

/// <summary>UTF-16 that holds nothing but ASCII becomes ASCII. With other characters it is not known which encoding the message was in before
/// an editor converted it.</summary>
internal sealed class WideToAscii(bool bigEndian, IOctets next) : IOctets
{
    private int _first = -1;

    public void Write(ReadOnlySpan<byte> octets)
    {
        var ascii = new byte[(octets.Length / 2) + 1];
        var count = 0;
        foreach (var octet in octets)
        {
            if (_first < 0)
            {
                _first = octet;
                continue;
            }
            var code = bigEndian ? (_first << 8) | octet : (octet << 8) | _first;
            if (code > 0x7F)
                throw new InvalidDataException("it is UTF-16 with characters beyond ASCII; convert it to the encoding that its header names");
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
