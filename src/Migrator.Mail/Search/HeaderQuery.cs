using Migrator.Core.Archives.Headers;
using Migrator.Core.Migrations;

namespace Migrator.Mail.Search;

/// <summary>What the headers of a message must have: each that is given, somewhere in one of its fields.</summary>
public sealed class HeaderQuery
{
    private static readonly HeaderField[] s_senders = [HeaderField.From, HeaderField.Sender];
    private static readonly HeaderField[] s_recipients = [HeaderField.To, HeaderField.Cc, HeaderField.Bcc];
    private static readonly HeaderField[] s_any =
    [
        .. s_senders,
        .. s_recipients,
        HeaderField.ReplyTo,
        HeaderField.Subject,
        HeaderField.MessageId,
    ];

    private readonly List<(HeaderField[] Fields, string Text)> _texts = [];
    private readonly string? _messageId;

    /// <param name="text">In From, Sender, To, Cc, Bcc, Reply-To, Subject or Message-ID.</param>
    /// <param name="from">In From or Sender.</param>
    /// <param name="to">In To, Cc or Bcc.</param>
    /// <param name="messageId">The Message-ID as a whole, with or without angle brackets.</param>
    public HeaderQuery(string? text, string? from, string? to, string? subject, string? messageId)
    {
        Add(s_any, text);
        Add(s_senders, from);
        Add(s_recipients, to);
        Add([HeaderField.Subject], subject);
        _messageId = messageId is null ? null : Bare(messageId);
    }

    /// <summary>It asks nothing: all messages fit.</summary>
    public bool IsEmpty => _texts.Count == 0 && _messageId is null;

    /// <returns>The headers; null where they do not fit.</returns>
    public MessageHeaders? Match(HeaderRecord record)
    {
        foreach (var (fields, text) in _texts)
        {
            if (!MessageHeaders.Of(record, fields).Any(value => FoldedText.Of(value).Contains(text, StringComparison.Ordinal)))
                return null;
        }
        if (
            _messageId is not null
            && !MessageHeaders
                .Of(record, HeaderField.MessageId)
                .Any(value => Bare(value).Equals(_messageId, StringComparison.OrdinalIgnoreCase))
        )
            return null;
        return MessageHeaders.Of(record);
    }

    private static string Bare(string messageId) => messageId.Trim().TrimStart('<').TrimEnd('>').Trim();

    private void Add(HeaderField[] fields, string? text)
    {
        if (text is not null)
            _texts.Add((fields, FoldedText.Of(text).Trim()));
    }
}
