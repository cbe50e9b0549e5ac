namespace Migrator.Files.Bytes;

/// <summary>Drops everything up to the end of the first line: the separator line of an mbox entry.</summary>
internal sealed class AfterFirstLine(IByteSink next, byte lineEnd = (byte)'\n') : IByteSink
{
    private bool _passed;

    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (!_passed)
        {
            var end = bytes.IndexOf(lineEnd);
            if (end < 0)
                return;
            _passed = true;
            bytes = bytes[(end + 1)..];
        }
        next.Write(bytes);
    }

    public void End() => next.End();
}
