using System.Security.Cryptography;

namespace Migrator.Core.Mail;

internal sealed class MessageTraitsStream(HeaderNames names, bool lineEnds) : WriteOnlyStream
{
    private readonly IncrementalHash _exact = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly IncrementalHash _exactBody = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly LineEndHash _canonical = new();
    private readonly LineEndHash _body = new();
    private readonly HeaderFieldReader _fields = new(names, lineEnds);
    private readonly MessagePartsReader _parts = new();
    private long _length;
    private Place _place = Place.LineStart;

    private enum Place
    {
        LineStart,
        CarriageReturn,
        Line,
        Body,
    }

    public override long Length => _length;

    public override void Write(ReadOnlySpan<byte> bytes)
    {
        _length += bytes.Length;
        _exact.AppendData(bytes);
        _canonical.Append(bytes);
        _parts.Append(bytes);
        if (_place != Place.Body)
            bytes = AfterHeader(bytes);
        Body(bytes);
    }

    public (ContentId Content, MessageParts Parts, MessageTraits Traits) Finish()
    {
        // What was held back, where it did not begin an empty line.
        if (_place == Place.CarriageReturn)
            _fields.Append((byte)'\r');
        _fields.End();
        var (parts, exact) = (_parts.Finish(), new ContentId(_exactBody.GetHashAndReset()));
        return (
            new ContentId(_exact.GetHashAndReset()),
            parts,
            new MessageTraits(
                _canonical.Finish(),
                lineEnds ? _body.Finish() : exact,
                exact,
                _fields.Fields,
                _fields.LineEnds,
                parts.MessageId,
                Hash([.. parts.Texts.Select(text => text.Text)]),
                Hash(parts.Attachments),
                parts.Date,
                _fields.Received
            )
        );
    }

    protected override void Dispose(bool disposing)
    {
        _exact.Dispose();
        _exactBody.Dispose();
        _canonical.Dispose();
        _body.Dispose();
        _fields.Dispose();
        _parts.Dispose();
        base.Dispose(disposing);
    }

    private ReadOnlySpan<byte> AfterHeader(ReadOnlySpan<byte> bytes)
    {
        for (var index = 0; index < bytes.Length; index++)
        {
            var value = bytes[index];
            if (value == '\n' && _place is (Place.LineStart or Place.CarriageReturn))
            {
                Body(_place == Place.CarriageReturn ? "\r\n"u8 : "\n"u8);
                _place = Place.Body;
                return bytes[(index + 1)..];
            }
            if (_place == Place.LineStart && value == '\r')
            {
                _place = Place.CarriageReturn;
                continue;
            }
            if (_place == Place.CarriageReturn)
                _fields.Append((byte)'\r');
            _fields.Append(value);
            _place = value == '\n' ? Place.LineStart : Place.Line;
        }
        return [];
    }

    private void Body(ReadOnlySpan<byte> bytes)
    {
        _exactBody.AppendData(bytes);
        _body.Append(bytes);
    }

    private static ContentId Hash(IReadOnlyList<ContentId> contents)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var content in contents)
            hash.AppendData(content.ToArray());
        return new ContentId(hash.GetHashAndReset());
    }
}
