using System.Security.Cryptography;

namespace Migrator.Core.Mail;

/// <summary>Which message it is, by its header: the same where a server adds to a message or rewrites its text. Never to say that two messages have the same
/// content.</summary>
/// <param name="MessageId">Of Message-ID; null where there is none. Some servers add one.</param>
/// <param name="Fields">Of From, To, Subject and Date; null where there is none of them.</param>
public readonly record struct MessageIdentity(ContentId? MessageId, ContentId? Fields)
{
    public bool IsKnown => MessageId is not null || Fields is not null;

    /// <summary>False where nothing tells.</summary>
    public bool IsSame(MessageIdentity other) => MessageId is { } id && other.MessageId is { } otherId ? id == otherId : Fields is { } fields && fields == other.Fields;
}

/// <summary>Finds the identity of a message in its header, whatever the header's length.</summary>
internal sealed class IdentityReader
{
    // A value that is longer counts as far as that.
    private const int MostOctets = 4096;

    private static readonly string[] s_fields = ["message-id", "from", "to", "subject", "date"];
    private static readonly int s_longestName = s_fields.Max(field => field.Length);

    private readonly MemoryStream?[] _values = new MemoryStream?[s_fields.Length];
    private readonly char[] _name = new char[s_longestName];
    private int _nameLength, _field = -1;
    private bool _inValue, _atLineStart = true;

    /// <param name="header">The next octets of the header.</param>
    public void Append(ReadOnlySpan<byte> header)
    {
        foreach (var octet in header)
        {
            if (octet == '\n')
                _atLineStart = true;
            else if (octet != '\r')
                Append(octet);
        }
    }

    public MessageIdentity Finish() => new(Hash(_values.AsSpan(0, 1)), Hash(_values.AsSpan(1)));

    private void Append(byte octet)
    {
        var isSpace = octet is (byte)' ' or (byte)'\t';
        if (_atLineStart && !isSpace)
            (_inValue, _nameLength, _field) = (false, 0, -1);
        _atLineStart = false;
        if (!_inValue && octet == ':')
            Begin();
        else if (!_inValue && !isSpace && _nameLength <= s_longestName)
        {
            if (_nameLength < s_longestName)
                _name[_nameLength] = char.ToLowerInvariant((char)octet);
            _nameLength++;
        }
        // Servers fold lines otherwise, and store NUL as 0x80.
        else if (_inValue && !isSpace && _field >= 0 && _values[_field]!.Length < MostOctets)
            _values[_field]!.WriteByte(octet == 0 ? (byte)0x80 : octet);
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

    private static ContentId? Hash(ReadOnlySpan<MemoryStream?> values)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var any = false;
        foreach (var value in values)
        {
            any |= value is { Length: > 0 };
            hash.AppendData(value?.ToArray() ?? []);
            hash.AppendData("\n"u8);
        }
        return any ? new ContentId(hash.GetHashAndReset()) : null;
    }
}
