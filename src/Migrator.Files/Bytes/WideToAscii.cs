namespace Migrator.Files.Bytes;

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
