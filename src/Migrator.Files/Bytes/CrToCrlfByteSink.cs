namespace Migrator.Files.Bytes;

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
