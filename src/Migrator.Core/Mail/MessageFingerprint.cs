namespace Migrator.Core.Mail;

/// <summary>What tells that a message at a target is, or was made of, one that was sent there.</summary>
/// <param name="Exact">Of the bytes as they are.</param>
/// <param name="Canonical">By <see cref="NormalizedHash"/>: the same whatever servers do to line ends and NUL.</param>
/// <param name="Body">By <see cref="NormalizedHash"/> of what follows the header: the same where a server adds or changes header fields;
/// null where there is no body to tell by.</param>
/// <param name="Identity">Whose body it is: many messages have the same one.</param>
/// <param name="WithoutFlags">Of all bytes but those of <see cref="HeaderWithoutFlags"/>: the same whatever flags a mail program has
/// written into the header.</param>
/// <param name="Parts">What it says, whatever its form; null where that was not asked for.</param>
public readonly record struct MessageFingerprint(
    ContentId Exact,
    ContentId Canonical,
    ContentId? Body,
    MessageIdentity Identity,
    ContentId WithoutFlags,
    MessageParts? Parts = null
)
{
    public long Length { get; init; }

    /// <summary>Both may be what a server made of one message: many messages have the same body, but not the same header with it.</summary>
    public bool IsAlike(MessageFingerprint other) =>
        Canonical == other.Canonical
        || (Parts is { } parts && other.Parts is { } others && parts.SaysAllOf(others))
        || (
            Body is { } body
            && body == other.Body
            && (Identity.IsMadeOf(other.Identity) || other.Identity.IsMadeOf(Identity) || !(Identity.IsKnown && other.Identity.IsKnown))
        );

    /// <param name="parts">Asks for <see cref="Parts"/>.</param>
    public static MessageFingerprint Of(Stream content, bool parts = false)
    {
        using var hasher = new FingerprintStream(parts);
        content.CopyTo(hasher);
        return hasher.Finish();
    }
}
