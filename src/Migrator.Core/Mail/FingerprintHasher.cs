namespace Migrator.Core.Mail;

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
