using System.Text;

namespace Migrator.Core.Mail;

/// <summary>A hash of a header without the fields in which mail programs keep flags and numbers of their own, for want of another place in an mbox. They add,
/// change and remove them whenever a message is read. Used only to recognize a message that was imported before.</summary>
internal sealed class HeaderWithoutFlags : IDisposable
{
    private static readonly HashSet<string> s_fields = new(StringComparer.OrdinalIgnoreCase)
    {
        "Status", "X-Status", "X-Keywords", "X-UID", "X-IMAP", "X-IMAPbase", "X-Mozilla-Status", "X-Mozilla-Status2", "X-Mozilla-Keys", "Content-Length", "Lines",
    };

    private static readonly int s_longestName = s_fields.Max(field => field.Length);

    private readonly CanonicalHash _hash = new();
    private readonly byte[] _name = new byte[s_longestName + 1];
    private int _length;
    private bool _atLineStart = true, _inName, _leftOut;

    /// <param name="header">The next octets of the header.</param>
    public void Append(ReadOnlySpan<byte> header)
    {
        foreach (var octet in header)
            Append(octet);
    }

    public ContentId Finish()
    {
        if (_inName)
            _hash.Append(_name.AsSpan(0, _length));
        return _hash.Finish();
    }

    public void Dispose() => _hash.Dispose();

    private void Append(byte octet)
    {
        // A line that begins with a space goes with the one before it.
        if (_atLineStart && octet is not ((byte)' ' or (byte)'\t'))
            (_inName, _length) = (true, 0);
        _atLineStart = octet == '\n';
        if (_inName && octet is not ((byte)':' or (byte)'\n') && _length < _name.Length)
        {
            _name[_length++] = octet;
            return;
        }
        if (_inName)
        {
            var name = _name.AsSpan(0, _length);
            (_inName, _leftOut) = (false, octet == ':' && s_fields.Contains(Encoding.Latin1.GetString(name)));
            if (!_leftOut)
                _hash.Append(name);
        }
        if (!_leftOut)
            _hash.Append([octet]);
    }
}
