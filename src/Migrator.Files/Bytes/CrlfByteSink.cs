namespace Migrator.Files.Bytes;

/// <summary>A line end that is only LF becomes CRLF: mail on the wire has no other, and servers refuse or change it. Only
/// for what other programs wrote.</summary>
internal sealed class CrlfByteSink(IByteSink next) : IByteSink
{
    private bool _afterCr;

    public void Write(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var end = bytes.IndexOf((byte)'\n');
            if (end < 0)
            {
                _afterCr = bytes[^1] == '\r';
                next.Write(bytes);
                return;
            }
            var crlf = end > 0 ? bytes[end - 1] == '\r' : _afterCr;
            next.Write(bytes[..end]);
            next.Write(crlf ? "\n"u8 : "\r\n"u8);
            _afterCr = false;
            bytes = bytes[(end + 1)..];
        }
    }

    public void End() => next.End();
}
