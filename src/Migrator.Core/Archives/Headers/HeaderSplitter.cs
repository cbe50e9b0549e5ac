using Migrator.Core.Mail;

namespace Migrator.Core.Archives.Headers;

/// <summary>Finds header fields in the beginning of a message. It splits lines and decodes nothing; what is not a header field is passed
/// over.</summary>
public static class HeaderSplitter
{
    /// <param name="head">The beginning of the message, with LF or CRLF.</param>
    /// <param name="size">Of the message as a whole, in bytes.</param>
    public static HeaderRecord Split(ContentId content, long size, ReadOnlySpan<byte> head, HeaderLimits limits)
    {
        head = head[..Math.Min(head.Length, limits.Head)];
        var (fields, kept, cut) = (new List<HeaderValue>(), 0, false);
        var at = 0;
        while (at < head.Length && !IsEmpty(head[at..]))
        {
            var (end, next) = End(head, at);
            // What the message says behind the part that is examined is not known.
            var open = next >= head.Length && head.Length < size;
            cut |= open;
            var line = head[at..end];
            at = next;
            var colon = line.IndexOf((byte)':');
            if (colon <= 0 || HeaderFieldNames.Of(line[..colon].TrimEnd(" \t"u8)) is not { } field)
                continue;
            var body = line[(colon + 1)..];
            var room = Math.Min(body.Length, Math.Min(limits.Field, limits.Message - kept));
            var isCut = open || room < body.Length;
            cut |= isCut;
            if (fields.Count >= HeaderLimits.Fields || (room == 0 && body.Length > 0))
            {
                cut = true;
                continue;
            }
            fields.Add(new HeaderValue(field, body[..room].ToArray(), isCut));
            kept += room;
        }
        return new HeaderRecord(content, size, fields, cut);
    }

    private static bool IsEmpty(ReadOnlySpan<byte> line) => line[0] == '\n' || line.StartsWith("\r\n"u8);

    /// <returns>Where the field that begins here ends, without its last line end, and where the next one begins.</returns>
    private static (int End, int Next) End(ReadOnlySpan<byte> head, int at)
    {
        for (var from = at; ; )
        {
            var feed = head[from..].IndexOf((byte)'\n');
            if (feed < 0)
                return (head.Length, head.Length);
            from += feed + 1;
            // Folded: the next line is part of it.
            if (from < head.Length && head[from] is (byte)' ' or (byte)'\t')
                continue;
            var end = from - 1;
            return (end > at && head[end - 1] == '\r' ? end - 1 : end, from);
        }
    }
}
