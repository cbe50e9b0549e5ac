using System.Text;
using Migrator.Core.Archives.Headers;
using MimeKit;

namespace Migrator.Mail.Search;

/// <summary>Headers of a message, decoded for people; null where it has none.</summary>
public sealed record MessageHeaders(string? From, string? To, string? Cc, string? Subject, string? Date, string? MessageId)
{
    public static MessageHeaders Of(HeaderRecord record)
    {
        return new(
            First(HeaderField.From),
            First(HeaderField.To),
            First(HeaderField.Cc),
            First(HeaderField.Subject),
            First(HeaderField.Date),
            First(HeaderField.MessageId)
        );

        string? First(HeaderField kind) => Of(record, kind).FirstOrDefault();
    }

    /// <summary>The fields of some kinds, decoded one after the other.</summary>
    public static IEnumerable<string> Of(HeaderRecord record, params IReadOnlyList<HeaderField> kinds) =>
        record.Fields.Where(field => kinds.Contains(field.Field)).Select(Decode);

    private static string Decode(HeaderValue value)
    {
        // As a line of its own, so that MimeKit sees what it sees in a message: encoded words, folding, letters that are not ASCII.
        byte[] line = [.. Encoding.ASCII.GetBytes($"{HeaderFieldNames.NameOf(value.Field)}:"), .. value.Bytes.Span, .. "\r\n"u8];
        try
        {
            return Header.TryParse(line, out var header) ? header.Value : Encoding.Latin1.GetString(value.Bytes.Span).Trim();
        }
        catch (Exception exception)
            when (exception is FormatException or ArgumentException or NotSupportedException or IndexOutOfRangeException)
        {
            // Anyone who wrote the message decides what is decoded here: what MimeKit stumbles over is shown as it is.
            return Encoding.Latin1.GetString(value.Bytes.Span).Trim();
        }
    }
}
