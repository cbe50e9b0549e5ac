using Migrator.Files.Bytes;

namespace Migrator.Files.Mbox;

/// <summary>The reversible quoting of mbox ("mboxrd"): a line of any number of <c>&gt;</c> and then <c>From </c> gets one
/// <c>&gt;</c> more, or loses it. A line ends with LF; a lone CR ends none.</summary>
/// <param name="unquote">Takes one away instead of adding one.</param>
/// <remarks>The pieces may be cut anywhere, and a line may be endless <c>&gt;</c>: only one of them and four letters are ever
/// held back. That is enough, since which of several equal bytes is added or dropped cannot be seen.</remarks>
internal sealed class MboxQuoting(IByteSink next, bool unquote) : IByteSink
{
    private static ReadOnlySpan<byte> From => "From "u8;

    private bool _inLine;
    private bool _held;
    private int _matched;

    public void Write(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            if (_inLine)
            {
                var end = bytes.IndexOf((byte)'\n');
                _inLine = end < 0;
                var line = _inLine ? bytes : bytes[..(end + 1)];
                next.Write(line);
                bytes = bytes[line.Length..];
            }
            else if (_matched == 0 && bytes[0] == '>')
            {
                // When unquoting, one of them waits until it is known whether it goes.
                if (_held || !unquote)
                    next.Write(">"u8);
                _held = unquote;
                bytes = bytes[1..];
            }
            else if (bytes[0] == From[_matched])
            {
                bytes = bytes[1..];
                if (++_matched < From.Length)
                    continue;
                _held = false;
                if (!unquote)
                    next.Write(">"u8);
                Release();
            }
            else
            {
                Release();
            }
        }
    }

    public void End()
    {
        Release();
        next.End();
    }

    /// <summary>What the line begins with is decided.</summary>
    private void Release()
    {
        if (_held)
            next.Write(">"u8);
        next.Write(From[.._matched]);
        (_held, _matched, _inLine) = (false, 0, true);
    }
}
