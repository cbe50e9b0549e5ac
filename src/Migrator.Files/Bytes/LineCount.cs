namespace Migrator.Files.Bytes;

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
