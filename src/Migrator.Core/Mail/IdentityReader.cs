using System.Security.Cryptography;

namespace Migrator.Core.Mail;

/// <summary>Finds the identity of a message in its header, whatever the header's length.</summary>
internal sealed class IdentityReader
{
    // A value that is longer counts as far as that.
    private const int MostBytes = 4096;

    private static readonly string[] s_fields = ["message-id", "from", "to", "subject", "date"];
    private static readonly int s_longestName = s_fields.Max(field => field.Length);

    private readonly MemoryStream?[] _values = new MemoryStream?[s_fields.Length];
    private readonly char[] _name = new char[s_longestName];
    private int _nameLength,
        _field = -1;
    private bool _inValue,
        _atLineStart = true;

    /// <param name="header">The next bytes of the header.</param>
    public void Append(ReadOnlySpan<byte> header)
    {
        foreach (var value in header)
        {
            if (value == '\n')
                _atLineStart = true;
            else if (value != '\r')
                Append(value);
        }
    }

    public MessageIdentity Finish() => new(Hash(_values[0]), Hash(_values[1]), Hash(_values[2]), Hash(_values[3]), Hash(_values[4]));

    private void Append(byte value)
    {
        var isSpace = value is (byte)' ' or (byte)'\t';
        if (_atLineStart && !isSpace)
            (_inValue, _nameLength, _field) = (false, 0, -1);
        _atLineStart = false;
        if (!_inValue && value == ':')
            Begin();
        else if (!_inValue && !isSpace && _nameLength <= s_longestName)
        {
            if (_nameLength < s_longestName)
                _name[_nameLength] = char.ToLowerInvariant((char)value);
            _nameLength++;
        }
        // Servers fold lines otherwise, and store NUL as 0x80.
        else if (_inValue && !isSpace && _field >= 0 && _values[_field]!.Length < MostBytes)
            _values[_field]!.WriteByte(value == 0 ? (byte)0x80 : value);
    }

    private void Begin()
    {
        _inValue = true;
        var name = _nameLength <= s_longestName ? new string(_name, 0, _nameLength) : "";
        _field = Array.IndexOf(s_fields, name);
        // The first of several counts.
        if (_field >= 0 && _values[_field] is not null)
            _field = -1;
        else if (_field >= 0)
            _values[_field] = new MemoryStream();
    }

    private static ContentId? Hash(MemoryStream? value) =>
        value is { Length: > 0 } ? new ContentId(SHA256.HashData(value.ToArray())) : null;
}
