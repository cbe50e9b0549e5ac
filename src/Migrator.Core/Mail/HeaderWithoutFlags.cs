using System.Security.Cryptography;
using System.Text;

namespace Migrator.Core.Mail;

/// <summary>Hashes a header without the fields in which mail programs keep flags and numbers of their own, for lack of another place in an
/// mbox. They add, change and remove them whenever a message is read. Used only to recognize a message that was imported before.</summary>
/// <param name="hash">Gets the other bytes, exactly as they are.</param>
internal sealed class HeaderWithoutFlags(IncrementalHash hash)
{
    private static readonly HashSet<string> s_fields = new(StringComparer.OrdinalIgnoreCase)
    {
        "Status",
        "X-Status",
        "X-Keywords",
        "X-UID",
        "X-IMAP",
        "X-IMAPbase",
        "X-Mozilla-Status",
        "X-Mozilla-Status2",
        "X-Mozilla-Keys",
        "Content-Length",
        "Lines",
    };

    private static readonly int s_longestName = s_fields.Max(field => field.Length);

    private readonly byte[] _name = new byte[s_longestName + 1];
    private int _length;
    private bool _atLineStart = true,
        _inName,
        _leftOut;

    /// <param name="header">The next bytes of the header.</param>
    public void Append(ReadOnlySpan<byte> header)
    {
        while (header.Length > 0)
        {
            if (_atLineStart && header[0] is not ((byte)' ' or (byte)'\t'))
                (_inName, _length) = (true, 0);
            _atLineStart = false;
            // A line that begins with a space goes with the one before it.
            header = _inName ? header[AppendName(header)..] : header[AppendRest(header)..];
        }
    }

    /// <summary>The header has ended.</summary>
    public void End()
    {
        if (_inName)
            hash.AppendData(_name.AsSpan(0, _length));
        _inName = false;
    }

    /// <returns>How many bytes belong to the name.</returns>
    private int AppendName(ReadOnlySpan<byte> header)
    {
        var count = 0;
        for (; count < header.Length && header[count] is not ((byte)':' or (byte)'\n') && _length < _name.Length; count++)
            _name[_length++] = header[count];
        if (count == header.Length)
            return count;
        var name = _name.AsSpan(0, _length);
        (_inName, _leftOut) = (false, header[count] == ':' && s_fields.Contains(Encoding.Latin1.GetString(name)));
        if (!_leftOut)
            hash.AppendData(name);
        return count;
    }

    /// <returns>How many bytes belong to the rest of the line.</returns>
    private int AppendRest(ReadOnlySpan<byte> header)
    {
        var end = header.IndexOf((byte)'\n');
        (_atLineStart, var count) = (end >= 0, end < 0 ? header.Length : end + 1);
        if (!_leftOut)
            hash.AppendData(header[..count]);
        return count;
    }
}
