namespace Migrator.Core.Mail;

/// <summary>Which message it is, by its header: the same where a server adds to a message or rewrites its text. Never to say that two
/// messages have the same content.</summary>
/// <param name="MessageId">Of Message-ID; each null where the message has no such field.</param>
public readonly record struct MessageIdentity(ContentId? MessageId, ContentId? From, ContentId? To, ContentId? Subject, ContentId? Date)
{
    public bool IsKnown => MessageId is not null || From is not null || To is not null || Subject is not null || Date is not null;

    /// <summary>This one, at a target, says what the one that was sent says. Servers add fields that are missing. False where nothing
    /// tells.</summary>
    public bool IsMadeOf(MessageIdentity sent)
    {
        if (MessageId is { } id && sent.MessageId is { } sentId)
            return id == sentId;
        return Keeps(From, sent.From)
            && Keeps(To, sent.To)
            && Keeps(Subject, sent.Subject)
            && Keeps(Date, sent.Date)
            && (sent.From ?? sent.To ?? sent.Subject ?? sent.Date) is not null;

        static bool Keeps(ContentId? kept, ContentId? sent) => sent is null || sent == kept;
    }
}
