using System.Security.Cryptography;

namespace Migrator.Core.Mail;

/// <summary>What tells that a message at a target is, or was made of, one that was sent there.</summary>
/// <param name="Exact">Of the bytes as they are.</param>
/// <param name="Canonical">By <see cref="NormalizedHash"/>: the same whatever servers do to line ends and NUL.</param>
/// <param name="Body">By <see cref="NormalizedHash"/> of what follows the header: the same where a server adds or changes header fields;
/// null where there is no body to tell by.</param>
/// <param name="Identity">Whose body it is: many messages have the same one.</param>
/// <param name="WithoutFlags">Of all bytes but those of <see cref="HeaderWithoutFlags"/>: the same whatever flags a mail program has
/// written into the header.</param>
public readonly record struct MessageFingerprint(
    ContentId Exact,
    ContentId Canonical,
    ContentId? Body,
    MessageIdentity Identity,
    ContentId WithoutFlags
)
{
    /// <summary>Both may be what a server made of one message: many messages have the same body, but not the same header with it.</summary>
    public bool IsAlike(MessageFingerprint other) =>
        Canonical == other.Canonical
        || (
            Body is { } body
            && body == other.Body
            && (Identity.IsMadeOf(other.Identity) || other.Identity.IsMadeOf(Identity) || !(Identity.IsKnown && other.Identity.IsKnown))
        );

    public static MessageFingerprint Of(Stream content)
    {
        using var hasher = new FingerprintStream();
        content.CopyTo(hasher);
        return hasher.Finish();
    }
}

/// <summary>Reads messages for their fingerprints alone and keeps nothing of them. Costs twice what <see cref="HashingSink"/>
/// does.</summary>
public sealed class FingerprintHasher(Action<Uid, MessageFingerprint> seen) : IContentSink
{
    public Stream Open(Uid? uid, long size) => new FingerprintStream();

    public ValueTask CompleteAsync(Uid uid, Stream content, ReceivedDate? arrival, CancellationToken cancellationToken)
    {
        using var hashed = (FingerprintStream)content;
        // Nothing where there should be something is what some servers give for a message that they cannot read.
        if (hashed.Length > 0)
            seen(uid, hashed.Finish());
        return default;
    }
}

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

    public FingerprintStream() => _header = new HeaderWithoutFlags(_withoutFlags);

    public override long Length => _length;

    public override void Write(ReadOnlySpan<byte> bytes)
    {
        _length += bytes.Length;
        _exact.AppendData(bytes);
        _canonical.Append(bytes);
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
            new ContentId(_withoutFlags.GetHashAndReset())
        );
    }

    protected override void Dispose(bool disposing)
    {
        _exact.Dispose();
        _canonical.Dispose();
        _body.Dispose();
        _withoutFlags.Dispose();
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
