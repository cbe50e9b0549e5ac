using System.Security.Cryptography;

namespace Migrator.Core.Mail;

/// <summary>What tells that a message at a target is, or was made of, one that was sent there.</summary>
/// <param name="Exact">Of the octets as they are.</param>
/// <param name="Canonical">By <see cref="CanonicalHash"/>: the same whatever servers do to line ends and NUL.</param>
/// <param name="Body">By <see cref="CanonicalHash"/> of what follows the header: the same where a server adds or changes header fields; null where there is
/// no body to tell by.</param>
/// <param name="Identity">Whose body it is: many messages have the same one.</param>
/// <param name="Header">By <see cref="HeaderWithoutFlags"/>: the same whatever flags a mail program has written into it.</param>
public readonly record struct MessageFingerprint(ContentId Exact, ContentId Canonical, ContentId? Body, MessageIdentity Identity, ContentId Header)
{
    /// <summary>Both may be what a server made of one message: many messages have the same body, but not the same header with it.</summary>
    public bool IsAlike(MessageFingerprint other) => Canonical == other.Canonical
        || (Body is { } body && body == other.Body && (Identity.IsMadeOf(other.Identity) || other.Identity.IsMadeOf(Identity) || !(Identity.IsKnown && other.Identity.IsKnown)));

    /// <summary>The same message, but for flags that a mail program keeps in its header.</summary>
    public bool IsSameButFlags(MessageFingerprint other) => Header == other.Header && Body == other.Body;

    public static MessageFingerprint Of(Stream content)
    {
        using var hasher = new FingerprintStream();
        content.CopyTo(hasher);
        return hasher.Finish();
    }
}

/// <summary>Reads messages for their fingerprints alone and keeps nothing of them. Costs twice what <see cref="ContentHasher"/> does.</summary>
public sealed class FingerprintHasher(Action<uint, MessageFingerprint> seen) : IContentReceiver
{
    public Stream Open(uint? uid, long size) => new FingerprintStream();

    public ValueTask CompleteAsync(uint uid, Stream content, Arrival? arrival, CancellationToken cancellationToken)
    {
        using var hashed = (FingerprintStream)content;
        // Nothing where there should be something is what some servers give for a message that they cannot read.
        if (hashed.Length > 0)
            seen(uid, hashed.Finish());
        return default;
    }
}

internal sealed class FingerprintStream : ReceivingStream
{
    private readonly IncrementalHash _exact = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly CanonicalHash _canonical = new();
    private readonly CanonicalHash _body = new();
    private readonly IdentityReader _identity = new();
    private readonly HeaderWithoutFlags _header = new();
    private long _length, _bodyLength;
    private bool _inBody;

    // An empty line ends the header: as if one line had ended before the first.
    private bool _lineIsEmpty = true;

    public override long Length => _length;

    public override void Write(ReadOnlySpan<byte> octets)
    {
        _length += octets.Length;
        _exact.AppendData(octets);
        _canonical.Append(octets);
        if (!_inBody)
            octets = AfterHeader(octets);
        if (octets.Length == 0)
            return;
        _body.Append(octets);
        _bodyLength += octets.Length;
    }

    public MessageFingerprint Finish() => new(new ContentId(_exact.GetHashAndReset()), _canonical.Finish(), _bodyLength > 0 ? _body.Finish() : null, _identity.Finish(), _header.Finish());

    protected override void Dispose(bool disposing)
    {
        _exact.Dispose();
        _canonical.Dispose();
        _body.Dispose();
        _header.Dispose();
        base.Dispose(disposing);
    }

    private ReadOnlySpan<byte> AfterHeader(ReadOnlySpan<byte> octets)
    {
        for (var index = 0; index < octets.Length; index++)
        {
            if (octets[index] == '\n' && _lineIsEmpty)
            {
                _inBody = true;
                AppendHeader(octets[..index]);
                return octets[(index + 1)..];
            }
            if (octets[index] != '\r')
                _lineIsEmpty = octets[index] == '\n';
        }
        AppendHeader(octets);
        return [];
    }

    private void AppendHeader(ReadOnlySpan<byte> octets)
    {
        _identity.Append(octets);
        _header.Append(octets);
    }
}
