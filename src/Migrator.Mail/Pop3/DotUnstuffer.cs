namespace Migrator.Mail.Pop3;

/// <summary>Takes a multi-line answer apart (RFC 1939, section 3): removes the dot that the server put before a line that starts with
/// one, and finds the dot alone on a line that ends it. Feed it octets as they come, in pieces of any size.</summary>
/// <remarks>Lines end in CRLF and in nothing else. MailKit's client also takes a line after a bare LF for one, and so cuts a message short
/// that holds LF, dot, LF, and swallows a dot after a bare LF: one reason why it does not read mail here.</remarks>
public sealed class DotUnstuffer(DotUnstuffer.Sink sink)
{
    private State _state = State.LineStart;
    private bool _afterCr;

    public delegate void Sink(ReadOnlySpan<byte> octets);

    private enum State
    {
        LineStart,
        Dot,
        DotCr,
        WithinLine,
        Ended,
    }

    /// <summary>The dot that ends the answer has come.</summary>
    public bool Ended => _state == State.Ended;

    /// <returns>How many of <paramref name="octets"/> belong to this answer: all, until it ends.</returns>
    public int Feed(ReadOnlySpan<byte> octets)
    {
        var position = 0;
        while (position < octets.Length && !Ended)
        {
            var octet = octets[position];
            switch (_state)
            {
                case State.LineStart when octet == '.':
                    (_state, position) = (State.Dot, position + 1);
                    break;
                case State.Dot when octet == '\r':
                    (_state, position) = (State.DotCr, position + 1);
                    break;
                case State.DotCr when octet == '\n':
                    (_state, position) = (State.Ended, position + 1);
                    break;
                case State.DotCr:
                    // The line starts with a dot and a CR that ends nothing: the CR is content.
                    sink("\r"u8);
                    (_state, _afterCr) = (State.WithinLine, true);
                    break;
                case State.WithinLine:
                    position += Line(octets[position..]);
                    break;
                default:
                    (_state, _afterCr) = (State.WithinLine, false);
                    break;
            }
        }
        return position;
    }

    /// <summary>Up to and with the next LF.</summary>
    private int Line(ReadOnlySpan<byte> octets)
    {
        var end = octets.IndexOf((byte)'\n');
        var line = end < 0 ? octets : octets[..(end + 1)];
        sink(line);
        if (end >= 0 && (end > 0 ? octets[end - 1] == '\r' : _afterCr))
            _state = State.LineStart;
        _afterCr = line[^1] == '\r';
        return line.Length;
    }
}
