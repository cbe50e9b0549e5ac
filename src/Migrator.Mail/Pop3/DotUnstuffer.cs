namespace Migrator.Mail.Pop3;

/// <summary>Takes a multi-line answer apart (RFC 1939, section 3): removes the dot that the server put before a line that starts with
/// one, and finds the dot alone on a line that ends it. Feed it bytes as they come, in pieces of any size.</summary>
/// <remarks>Lines end in CRLF and in nothing else. MailKit's client also takes a line after a bare LF for one, and so cuts a message short
/// that holds LF, dot, LF, and swallows a dot after a bare LF: one reason why it does not read mail here.</remarks>
/// <param name="keepDots">The server does not put dots before such lines: none is removed.</param>
public sealed class DotUnstuffer(DotUnstuffer.Sink sink, bool keepDots = false)
{
    private State _state = State.LineStart;
    private bool _afterCr;

    public delegate void Sink(ReadOnlySpan<byte> bytes);

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

    /// <summary>Bytes that were fed, the dot at the end included.</summary>
    public long Raw { get; private set; }

    /// <summary>Lines that start with a dot, whether it was removed or kept; the one at the end does not count.</summary>
    public long Dots { get; private set; }

    /// <summary>Those of them whose dot no other one follows. A server that doubles dots sends no such line.</summary>
    public long SingleDots { get; private set; }

    /// <returns>How many of <paramref name="bytes"/> belong to this answer: all, until it ends.</returns>
    public int Feed(ReadOnlySpan<byte> bytes)
    {
        var position = 0;
        while (position < bytes.Length && !Ended)
        {
            var value = bytes[position];
            switch (_state)
            {
                case State.LineStart when value == '.':
                    (_state, position) = (State.Dot, position + 1);
                    break;
                case State.Dot when value == '\r':
                    (_state, position) = (State.DotCr, position + 1);
                    break;
                case State.DotCr when value == '\n':
                    (_state, position) = (State.Ended, position + 1);
                    break;
                case State.DotCr:
                    // The line starts with a dot and a CR that ends nothing: the CR is content.
                    Dot(single: true);
                    sink("\r"u8);
                    (_state, _afterCr) = (State.WithinLine, true);
                    break;
                case State.Dot:
                    Dot(single: value != '.');
                    (_state, _afterCr) = (State.WithinLine, false);
                    break;
                case State.WithinLine:
                    position += Line(bytes[position..]);
                    break;
                default:
                    (_state, _afterCr) = (State.WithinLine, false);
                    break;
            }
        }
        Raw += position;
        return position;
    }

    private void Dot(bool single)
    {
        Dots++;
        SingleDots += single ? 1 : 0;
        if (keepDots)
            sink("."u8);
    }

    /// <summary>Up to and with the next LF.</summary>
    private int Line(ReadOnlySpan<byte> bytes)
    {
        var end = bytes.IndexOf((byte)'\n');
        var line = end < 0 ? bytes : bytes[..(end + 1)];
        sink(line);
        if (end >= 0 && (end > 0 ? bytes[end - 1] == '\r' : _afterCr))
            _state = State.LineStart;
        _afterCr = line[^1] == '\r';
        return line.Length;
    }
}
