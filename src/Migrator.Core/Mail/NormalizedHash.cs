using System.Security.Cryptography;

namespace Migrator.Core.Mail;

/// <summary>A hash that stays the same under the changes that servers are known to make when they store a message: LF
/// becomes CRLF, NUL becomes 0x80, a final line end is added. Used only to recognise, at a target, a message that
/// we know we sent; never to say that two messages are the same.</summary>
public sealed class NormalizedHash : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] _buffer = new byte[4096];
    private int _length;
    private long _lineEnds;

    public void Append(ReadOnlySpan<byte> bytes)
    {
        foreach (var value in bytes)
        {
            if (value == '\r')
                continue;
            if (value == '\n')
            {
                // Held back: line ends at the end of the message do not count.
                _lineEnds++;
                continue;
            }
            for (; _lineEnds > 0; _lineEnds--)
                Put((byte)'\n');
            Put(value == 0 ? (byte)0x80 : value);
        }
    }

    public ContentId Finish()
    {
        _hash.AppendData(_buffer.AsSpan(0, _length));
        return new ContentId(_hash.GetHashAndReset());
    }

    public void Dispose() => _hash.Dispose();

    private void Put(byte value)
    {
        if (_length == _buffer.Length)
        {
            _hash.AppendData(_buffer);
            _length = 0;
        }
        _buffer[_length++] = value;
    }
}
