using System.Security.Cryptography;

namespace Migrator.Core.Mail;

/// <summary>A hash that is the same whether lines end with CRLF or LF, and whether the last one ends at all. Unlike
/// <see cref="NormalizedHash"/>, it may say that two messages are the same: nothing else is left out of it, not even a CR
/// without LF.</summary>
internal sealed class LineEndHash : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private bool _carriageReturn,
        _any;
    private byte _last;

    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length == 0)
            return;
        if (_carriageReturn && bytes[0] != '\n')
            Put("\r"u8);
        _carriageReturn = false;
        for (int next; (next = bytes.IndexOf((byte)'\r')) >= 0; )
        {
            Put(bytes[..next]);
            bytes = bytes[(next + 1)..];
            if (bytes.Length == 0)
            {
                _carriageReturn = true;
                return;
            }
            if (bytes[0] != '\n')
                Put("\r"u8);
        }
        Put(bytes);
    }

    public ContentId Finish()
    {
        if (_carriageReturn)
            Put("\r"u8);
        if (_any && _last != '\n')
            Put("\n"u8);
        return new ContentId(_hash.GetHashAndReset());
    }

    public void Dispose() => _hash.Dispose();

    private void Put(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length == 0)
            return;
        _hash.AppendData(bytes);
        (_any, _last) = (true, bytes[^1]);
    }
}
