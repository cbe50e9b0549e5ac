using System.Security.Cryptography;

namespace Migrator.Core.Mail;

internal sealed class FingerprintStream : WriteOnlyStream
{
    private readonly IncrementalHash _exact = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly NormalizedHash _canonical = new();
    private readonly NormalizedHash _body = new();
    private readonly IdentityReader _identity = new();
    private readonly IncrementalHash _withoutFlags = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly HeaderWithoutFlags _header;
    private long _length,
        _bodyLength;
    private bool _inBody;

    // An empty line ends the header: as if one line had ended before the first.
    private bool _lineIsEmpty = true;

    private readonly MessagePartsReader? _parts;

    public FingerprintStream(bool parts)
    {
        _header = new HeaderWithoutFlags(_withoutFlags);
        _parts = parts ? new MessagePartsReader() : null;
    }

    public override long Length => _length;

    public override void Write(ReadOnlySpan<byte> bytes)
    {
        _length += bytes.Length;
        _exact.AppendData(bytes);
        _canonical.Append(bytes);
        _parts?.Append(bytes);
        if (!_inBody)
            bytes = AfterHeader(bytes);
        if (bytes.Length == 0)
            return;
        _body.Append(bytes);
        _withoutFlags.AppendData(bytes);
        _bodyLength += bytes.Length;
    }

    public MessageFingerprint Finish()
    {
        _header.End();
        return new(
            new ContentId(_exact.GetHashAndReset()),
            _canonical.Finish(),
            _bodyLength > 0 ? _body.Finish() : null,
            _identity.Finish(),
            new ContentId(_withoutFlags.GetHashAndReset()),
            _parts?.Finish()
        )
        {
            Length = _length,
        };
    }

    protected override void Dispose(bool disposing)
    {
        _exact.Dispose();
        _canonical.Dispose();
        _body.Dispose();
        _withoutFlags.Dispose();
        _parts?.Dispose();
        base.Dispose(disposing);
    }

    private ReadOnlySpan<byte> AfterHeader(ReadOnlySpan<byte> bytes)
    {
        for (var index = 0; index < bytes.Length; index++)
        {
            if (bytes[index] == '\n' && _lineIsEmpty)
            {
                _inBody = true;
                AppendHeader(bytes[..(index + 1)]);
                _header.End();
                return bytes[(index + 1)..];
            }
            if (bytes[index] != '\r')
                _lineIsEmpty = bytes[index] == '\n';
        }
        AppendHeader(bytes);
        return [];
    }

    private void AppendHeader(ReadOnlySpan<byte> bytes)
    {
        _identity.Append(bytes);
        _header.Append(bytes);
    }
}
