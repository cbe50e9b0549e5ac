using System.Net;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using MimeKit;

namespace Migrator.Tests.Providers.Simulation;

/// <summary>Rebuilds a message from what it says, as Exchange does: other header fields around the known ones, other boundaries and
/// encodings, and HTML where there was none.</summary>
internal static partial class ExchangeMime
{
    private static readonly HashSet<string> s_written = new(StringComparer.OrdinalIgnoreCase)
    {
        "From",
        "To",
        "Cc",
        "Subject",
        "Date",
        "Message-Id",
        "MIME-Version",
    };

    private static readonly FormatOptions s_format = Format();

    /// <param name="turn">Changes what carries no meaning.</param>
    public static byte[] Rewrite(byte[] message, int turn)
    {
        if (Read(message) is not { } read)
            return message;
        var made = new MimeMessage();
        made.Headers.Clear();
        if (read.From.Count > 0)
            made.From.AddRange(read.From);
        if (read.To.Count > 0)
            made.To.AddRange(read.To);
        if (read.Cc.Count > 0)
            made.Cc.AddRange(read.Cc);
        if (read.Headers.Contains(HeaderId.Subject))
        {
            made.Subject = read.Subject ?? "";
            made.Headers.Add("Thread-Topic", made.Subject);
        }
        if (read.Headers.Contains(HeaderId.Date))
            made.Date = read.Date.ToUniversalTime();
        made.Headers.Add(
            HeaderId.MessageId,
            read.Headers[HeaderId.MessageId] ?? $"<{Convert.ToHexStringLower(SHA256.HashData(message))[..20]}@exchange.example>"
        );
        foreach (var field in read.Headers.Where(field => Name().IsMatch(field.Field) && !s_written.Contains(field.Field)))
            made.Headers.Add(field.Field, field.Value);
        made.Headers.Add("X-MS-Exchange-Transport-Turn", turn.ToString());
        made.Headers.Add("X-MS-TNEF-Correlator", "");
        made.Headers.Add("MIME-Version", "1.0");
        made.Body = read.Body is TextPart { IsPlain: true } only ? Both(only, turn) : Part(read.Body ?? new TextPart("plain"), turn);
        using var bytes = new MemoryStream();
        made.WriteTo(s_format, bytes);
        return bytes.ToArray();
    }

    /// <returns>Null for what is no message.</returns>
    public static MimeMessage? Read(byte[] message)
    {
        try
        {
            return MimeMessage.Load(new MemoryStream(message));
        }
        catch (FormatException)
        {
            return null;
        }
    }

    /// <summary>One is made of the other.</summary>
    private static Multipart Both(TextPart plain, int turn)
    {
        var html =
            "<html><head><style>p { margin: 0 }</style></head><body><p>"
            + WebUtility.HtmlEncode(plain.Text).Replace("\n", "<br>\n", StringComparison.Ordinal)
            + "</p></body></html>";
        return new Multipart("alternative", Text("plain", plain.Text, turn), Text("html", html, turn))
        {
            Boundary = $"_000_{turn:x8}alternative_",
        };
    }

    private static MimeEntity Part(MimeEntity part, int turn)
    {
        switch (part)
        {
            case Multipart multipart when part is not (MimeKit.Cryptography.MultipartSigned or MultipartReport):
                var made = new Multipart(multipart.ContentType.MediaSubtype)
                {
                    Boundary = $"_{multipart.Count:000}_{turn:x8}{multipart.ContentType.MediaSubtype}_",
                };
                foreach (var child in multipart)
                    made.Add(Part(child, turn));
                return made;
            case TextPart { IsAttachment: false } text when text.IsPlain || text.IsHtml:
                return Text(text.ContentType.MediaSubtype, text.Text, turn);
            case MimePart { Content: not null } file and not TextPart:
                var content = new MemoryStream();
                file.Content.DecodeTo(content);
                content.Position = 0;
                return new MimePart(file.ContentType.MediaType, file.ContentType.MediaSubtype)
                {
                    Content = new MimeContent(content),
                    ContentTransferEncoding = ContentEncoding.Base64,
                    ContentDisposition = file.ContentDisposition,
                    FileName = file.FileName,
                };
            default:
                return part;
        }
    }

    private static TextPart Text(string subtype, string text, int turn) =>
        new(subtype) { Text = text, ContentTransferEncoding = turn % 2 == 0 ? ContentEncoding.QuotedPrintable : ContentEncoding.Base64 };

    private static FormatOptions Format()
    {
        var format = FormatOptions.Default.Clone();
        format.NewLineFormat = NewLineFormat.Dos;
        return format;
    }

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9-]*$")]
    private static partial Regex Name();
}
