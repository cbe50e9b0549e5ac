namespace Migrator.Core.Mail;

/// <summary>Reads messages for their fingerprints alone and keeps nothing of them. Costs twice what <see cref="HashingSink"/>
/// does.</summary>
/// <param name="empty">Whether one of no bytes is seen: it is what some servers give for a message that they cannot read.</param>
/// <param name="parts">Asks for <see cref="MessageFingerprint.Parts"/>.</param>
public sealed class FingerprintHasher(Action<Uid, MessageFingerprint> seen, bool parts = false, bool empty = false) : IContentSink
{
    public Stream Open(Uid? uid, long size) => new FingerprintStream(parts);

    public ValueTask CompleteAsync(Uid uid, Stream content, ReceivedDate? arrival, CancellationToken cancellationToken)
    {
        using var hashed = (FingerprintStream)content;
        if (hashed.Length > 0 || empty)
            seen(uid, hashed.Finish());
        return default;
    }
}
