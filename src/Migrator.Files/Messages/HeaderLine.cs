namespace Migrator.Files.Messages;

/// <summary>What can be said of one line without knowing what it is part of.</summary>
internal static class HeaderLine
{
    // Of these a real header has at least one; a paragraph with a colon has none.
    private static readonly HashSet<string> s_known = new(StringComparer.OrdinalIgnoreCase)
    {
        "From",
        "To",
        "Cc",
        "Bcc",
        "Date",
        "Subject",
        "Received",
        "Return-Path",
        "Message-ID",
        "Delivered-To",
        "MIME-Version",
        "Content-Type",
        "Reply-To",
        "Sender",
        "References",
        "In-Reply-To",
        "Status",
        "X-Status",
        "X-UID",
        "X-Mozilla-Status",
        "X-Gmail-Labels",
        "X-GM-THRID",
        "X-Original-To",
        "Envelope-To",
        "Content-Length",
        "Resent-From",
        "X-Account-Key",
        "DKIM-Signature",
        "Authentication-Results",
        "User-Agent",
        "X-Mailer",
        "List-Id",
        "Content-Transfer-Encoding",
        "X-From-Line",
        "X-VM-v5-Data",
        "X-Persona",
        "X-IMAP",
        "X-IMAPbase",
        "X-Keywords",
    };

    /// <returns>The name of the field that begins in this line; null where none does.</returns>
    public static string? Name(ReadOnlySpan<byte> line)
    {
        var colon = line[..Math.Min(line.Length, 200)].IndexOf((byte)':');
        if (colon <= 0)
            return null;
        var name = line[..colon].TrimEnd(" \t"u8);
        // Stricter than RFC 5322: a time of day and a URL with blanks before it are not fields.
        if (name.Length == 0 || !char.IsAsciiLetter((char)name[0]))
            return null;
        foreach (var letter in name)
        {
            if (!char.IsAsciiLetterOrDigit((char)letter) && letter is not ((byte)'-' or (byte)'_' or (byte)'.'))
                return null;
        }
        return System.Text.Encoding.ASCII.GetString(name);
    }

    public static bool IsKnown(string name) => s_known.Contains(name);
}
