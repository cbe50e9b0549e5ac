namespace Migrator.Core.Mail;

/// <summary>Undoes Content-Transfer-Encoding (RFC 2045, section 6), line by line.</summary>
internal sealed class TransferDecoder(string? encoding)
{
    private readonly bool _base64 = Is(encoding, "base64");
    private readonly bool _quoted = Is(encoding, "quoted-printable");
    private int _bits,
        _bitCount,
        _escape;
    private int _high;

    public static bool IsIdentity(string? encoding) => !Is(encoding, "base64") && !Is(encoding, "quoted-printable");

    /// <param name="line">Without its end.</param>
    /// <param name="complete">The line has ended.</param>
    public void Append(ReadOnlySpan<byte> line, bool complete, Action<ReadOnlySpan<byte>> take)
    {
        if (_base64)
            AppendBase64(line, take);
        else if (_quoted)
            AppendQuoted(line, complete, take);
        else
        {
            take(line);
            if (complete)
                take("\n"u8);
        }
    }

    private static bool Is(string? encoding, string name) => name.Equals(encoding?.Trim(), StringComparison.OrdinalIgnoreCase);

    private void AppendBase64(ReadOnlySpan<byte> line, Action<ReadOnlySpan<byte>> take)
    {
        var (decoded, length) = (new byte[(line.Length * 3 / 4) + 3], 0);
        foreach (var letter in line)
        {
            var value = Base64(letter);
            if (value < 0)
                continue;
            (_bits, _bitCount) = (((_bits << 6) | value) & 0xFFFFFF, _bitCount + 6);
            if (_bitCount < 8)
                continue;
            _bitCount -= 8;
            decoded[length++] = (byte)(_bits >> _bitCount);
        }
        take(decoded.AsSpan(0, length));
    }

    private void AppendQuoted(ReadOnlySpan<byte> line, bool complete, Action<ReadOnlySpan<byte>> take)
    {
        // Blanks at the end of a line were added on the way.
        if (complete)
            line = line.TrimEnd(" \t"u8);
        var (decoded, length) = (new byte[line.Length + 1], 0);
        foreach (var letter in line)
        {
            if (_escape == 0 && letter == '=')
                _escape = 1;
            else if (_escape == 0)
                decoded[length++] = letter;
            else if (_escape == 1)
                (_high, _escape) = (letter, 2);
            else
            {
                decoded[length++] = (byte)((Hex((byte)_high) << 4) | Hex(letter));
                _escape = 0;
            }
        }
        if (complete && _escape == 0)
            decoded[length++] = (byte)'\n';
        if (complete)
            _escape = 0;
        take(decoded.AsSpan(0, length));
    }

    private static int Hex(byte letter) => char.IsAsciiHexDigit((char)letter) ? Convert.ToInt32(((char)letter).ToString(), 16) : 0;

    private static int Base64(byte letter) =>
        letter switch
        {
            >= (byte)'A' and <= (byte)'Z' => letter - 'A',
            >= (byte)'a' and <= (byte)'z' => letter - 'a' + 26,
            >= (byte)'0' and <= (byte)'9' => letter - '0' + 52,
            (byte)'+' => 62,
            (byte)'/' => 63,
            _ => -1,
        };
}
