using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Migrator.Core.Mail;

/// <summary>Reads the fields of a header as its bytes come, in bounded memory.</summary>
/// <param name="lineEnds">Whether fields that differ only in how their lines end are the same.</param>
internal sealed class HeaderFieldReader(HeaderNames names, bool lineEnds) : IDisposable
{
    private const int MostFields = 1000;
    private const int LongestName = 76;
    private const int LongestDate = 8192;

    private static readonly byte[] s_key = RandomNumberGenerator.GetBytes(32);

    private readonly IncrementalHash _hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, s_key);
    private readonly byte[] _buffer = new byte[1024];
    private readonly StringBuilder _name = new();
    private List<HashedField>? _fields = [];
    private MemoryStream? _received;
    private int _length,
        _carriageReturns,
        _lineFeeds;
    private bool _inField,
        _inValue,
        _inReceived,
        _isOdd,
        _afterName,
        _lineHasText,
        _carriageReturn,
        _atLineStart = true;

    /// <summary>Null where there are too many.</summary>
    public IReadOnlyList<HashedField>? Fields => _fields;

    public HeaderLineEnds LineEnds =>
        _lineFeeds == 0 ? HeaderLineEnds.CarriageReturnAndLineFeed
        : _carriageReturns == 0 ? HeaderLineEnds.LineFeed
        : HeaderLineEnds.Mixed;

    /// <summary>The date of the topmost Received field: what follows the last semicolon.</summary>
    public DateTimeOffset? Received =>
        _received is null || Encoding.Latin1.GetString(_received.GetBuffer(), 0, (int)_received.Length) is not { } value
            ? null
            : HeaderText.Date(value[(value.LastIndexOf(';') + 1)..]);

    /// <param name="value">The next byte of the header, without the empty line that ends it.</param>
    public void Append(byte value)
    {
        if (_atLineStart && value is not ((byte)' ' or (byte)'\t'))
            Begin();
        _atLineStart = false;
        if (_carriageReturn && value != '\n')
            Bare();
        if (value == '\n')
            EndLine();
        else if (value == '\r')
            _carriageReturn = true;
        else
            Take(value);
    }

    public void End()
    {
        if (_carriageReturn)
            Bare();
        EndField();
    }

    public void Dispose() => _hash.Dispose();

    private void Begin()
    {
        EndField();
        _name.Clear();
        (_inField, _inValue, _inReceived, _isOdd, _afterName) = (true, false, false, false, false);
    }

    private void EndLine()
    {
        if (_carriageReturn)
            _carriageReturns++;
        else
            _lineFeeds++;
        if (_carriageReturn && !lineEnds)
            Put((byte)'\r');
        Put((byte)'\n');
        // A line of blanks is the end of the header to some.
        _isOdd |= !_lineHasText;
        (_carriageReturn, _lineHasText, _atLineStart) = (false, false, true);
    }

    /// <summary>A CR without LF is a line end to some.</summary>
    private void Bare()
    {
        (_carriageReturn, _isOdd) = (false, true);
        Put((byte)'\r');
    }

    private void Take(byte value)
    {
        _inField = true;
        Put(value);
        var isBlank = value is (byte)' ' or (byte)'\t';
        _lineHasText |= !isBlank;
        _isOdd |= value == 0;
        if (_inValue)
        {
            if (_inReceived && _received!.Length < LongestDate)
                _received.WriteByte(value);
        }
        else if (value == ':')
            BeginValue();
        else if (isBlank)
            _afterName = true;
        else if (_afterName || value is < 33 or > 126 || _name.Length == LongestName)
            _isOdd = true;
        else
            _name.Append((char)value);
    }

    private void BeginValue()
    {
        _inValue = true;
        _isOdd |= _name.Length == 0;
        // The first of several is the topmost.
        _inReceived = _received is null && _name.ToString().Equals("Received", StringComparison.OrdinalIgnoreCase);
        if (_inReceived)
            _received = new MemoryStream();
    }

    private void EndField()
    {
        if (!_inField)
            return;
        if (lineEnds && !_atLineStart)
            Put((byte)'\n');
        Flush();
        var hash = BinaryPrimitives.ReadUInt64LittleEndian(_hash.GetHashAndReset());
        _inField = false;
        if (_fields?.Count == MostFields)
            _fields = null;
        _fields?.Add(new HashedField(hash, names.Of(_name.ToString(), _isOdd || !_inValue)));
    }

    private void Put(byte value)
    {
        if (_length == _buffer.Length)
            Flush();
        _buffer[_length++] = value;
    }

    private void Flush()
    {
        _hash.AppendData(_buffer.AsSpan(0, _length));
        _length = 0;
    }
}
