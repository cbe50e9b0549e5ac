using MimeKit;
using MimeKit.Text;

namespace Migrator.Mail.Smtp;

/// <summary>Makes a message of what is to be said.</summary>
internal static class Composition
{
    public static MimeMessage Compose(OutgoingMail mail, MailboxAddress from, MailboxAddress to)
    {
        var message = new MimeMessage
        {
            Subject = mail.Subject,
            Date = mail.Date,
            MessageId = $"{mail.Id}@{(from.Domain.Length > 0 ? from.Domain : "localhost")}",
        };
        message.From.Add(from);
        message.To.Add(to);
        // RFC 3834: no out-of-office reply is sent to it.
        message.Headers.Add("Auto-Submitted", "auto-generated");
        message.Headers.Add("X-Auto-Response-Suppress", "All");
        var bodies = new MultipartAlternative
        {
            new TextPart(TextFormat.Plain) { Text = mail.Text },
            new TextPart(TextFormat.Html) { Text = mail.Html },
        };
        var attachment = new MimePart("application", "json")
        {
            Content = new MimeContent(new MemoryStream(mail.Json, writable: false)),
            ContentDisposition = new ContentDisposition(ContentDisposition.Attachment),
            ContentTransferEncoding = ContentEncoding.Base64,
            FileName = mail.FileName,
        };
        message.Body = new Multipart("mixed") { bodies, attachment };
        // For every server, also those that take 7 bits only.
        message.Prepare(EncodingConstraint.SevenBit);
        return message;
    }
}
