namespace Migrator.Core.Spool;

/// <summary>Looks for what some server or other is known to change without changing a message's size: NUL, 8-bit bytes in
/// the header (Cyrus writes an X for each), line ends that are not CRLF. Such a message is read back after delivery.</summary>
internal sealed class FragileContentDetector
{
    private long _carriageReturns,
        _lineFeeds,
        _lineEnds;
    private bool _found;
    private bool _inHeader = true;
    private byte _last;

    public bool Found => _found || _carriageReturns != _lineEnds || _lineFeeds != _lineEnds;

    /// <param name="bytes">What follows; cut anywhere.</param>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
            return;
        _carriageReturns += bytes.Count((byte)'\r');
        _lineFeeds += bytes.Count((byte)'\n');
        _lineEnds += bytes.Count("\r\n"u8) + (_last == '\r' && bytes[0] == '\n' ? 1 : 0);
        _found |= bytes.Contains((byte)0);
        if (_inHeader)
        {
            // A blank line that is cut in two is overlooked: then too much is read back, never too little.
            var end = bytes.IndexOf("\r\n\r\n"u8);
            _inHeader = end < 0;
            _found |= (end < 0 ? bytes : bytes[..end]).ContainsAnyInRange((byte)0x80, (byte)0xFF);
        }
        _last = bytes[^1];
    }
}
