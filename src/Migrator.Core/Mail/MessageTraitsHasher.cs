namespace Migrator.Core.Mail;

/// <summary>Reads messages for their content ids and forms, and keeps nothing else of them.</summary>
/// <param name="lineEnds">Whether line ends do not count in <see cref="MessageTraits.Body"/> and
/// <see cref="MessageTraits.Fields"/>.</param>
public sealed class MessageTraitsHasher(HeaderNames names, bool lineEnds, Action<Uid, ContentId, long, MessageParts, MessageTraits> seen)
    : IContentSink
{
    public Stream Open(Uid? uid, long size) => new MessageTraitsStream(names, lineEnds);

    public ValueTask CompleteAsync(Uid uid, Stream content, ReceivedDate? arrival, CancellationToken cancellationToken)
    {
        using var hashed = (MessageTraitsStream)content;
        var length = hashed.Length;
        var (id, parts, traits) = hashed.Finish();
        seen(uid, id, length, parts, traits);
        return default;
    }
}
