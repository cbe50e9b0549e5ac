namespace Migrator.Core.Mail;

/// <summary>What a message says, whatever its form: the same where a server keeps messages as properties and rebuilds them when they are
/// fetched (Exchange), with other boundaries, encodings and header fields. Of two messages with the same parts nobody can say that they
/// have the same bytes.</summary>
/// <param name="MessageId">Each field null where the message has no such field, or nothing can be read from it.</param>
/// <param name="From">Its addresses, without names.</param>
/// <param name="To">Likewise.</param>
/// <param name="Subject">Decoded, without white space.</param>
/// <param name="Texts">Without white space, from HTML without tags. Those of one group are alternatives of each other.</param>
/// <param name="Attachments">Decoded; without those that such servers turn into something else (calendar, TNEF, reports).</param>
public sealed record MessageParts(
    ContentId? MessageId,
    DateTimeOffset? Date,
    ContentId? From,
    ContentId? To,
    ContentId? Subject,
    IReadOnlyList<(int Group, ContentId Text)> Texts,
    IReadOnlyList<ContentId> Attachments
)
{
    /// <summary>This one, as stored by a server, can be the one that was sent. Servers add fields that are missing.</summary>
    public bool IsMadeOf(MessageParts sent) => MessageId is { } id && sent.MessageId is { } sentId ? id == sentId : !Fields(sent).Any();

    /// <summary>Under what a copy of the message is found: whatever says the same has at least one of them in common.</summary>
    public ContentId Key => MessageId ?? Subject ?? default;

    /// <summary>Under what this one is found, as a copy that may have got fields which its original does not have.</summary>
    public IEnumerable<ContentId> Keys => new[] { Key, Subject ?? default }.Distinct();

    /// <summary>It says all that was sent. What a server adds, such as HTML made of a plain text, does not count.</summary>
    public bool SaysAllOf(MessageParts sent) => !Differences(sent).Any();

    /// <summary>In what it differs from what was sent, in words.</summary>
    public IEnumerable<string> Differences(MessageParts sent)
    {
        foreach (var field in Fields(sent))
            yield return field;
        var (texts, groups) = (Texts.Select(text => text.Text).ToHashSet(), sent.Texts.ToLookup(text => text.Group));
        // A server adds alternatives to a text, and no other text: that would be a larger message, of which this one is a part.
        if (
            groups.Any(group => !group.Any(text => texts.Contains(text.Text)))
            || groups.Count != Texts.DistinctBy(text => text.Group).Count()
        )
            yield return "text";
        var left = Attachments.ToList();
        if (sent.Attachments.Any(attachment => !left.Remove(attachment)) || sent.Attachments.Count < Attachments.Count)
            yield return "attachments";
    }

    private IEnumerable<string> Fields(MessageParts sent)
    {
        if (sent.MessageId is { } id && id != MessageId)
            yield return "Message-ID";
        if (sent.Date is { } date && date != Date)
            yield return "Date";
        if (sent.From is { } from && from != From)
            yield return "From";
        if (sent.To is { } to && to != To)
            yield return "To";
        if (sent.Subject is { } subject && subject != Subject)
            yield return "Subject";
    }
}
