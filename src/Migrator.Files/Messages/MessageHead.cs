using System.Text;
using Migrator.Core.Mail;
using Migrator.Files.Findings;
using MimeKit.Utils;

namespace Migrator.Files.Messages;

/// <summary>The header fields of a message that are read, never changed: what mbox programs keep in there for lack of another
/// place, and the Subject for reports.</summary>
internal sealed class MessageHead
{
    /// <summary>Bytes. A header that is longer is read in part.</summary>
    public const int MaxLength = 1 << 18;

    private const int Expunged = 0x8;

    private readonly Dictionary<string, byte[]> _fields = new(StringComparer.OrdinalIgnoreCase);

    /// <param name="bytes">The beginning of a message, with LF or CRLF.</param>
    public MessageHead(ReadOnlySpan<byte> bytes)
    {
        var (name, value) = ("", new List<byte>());
        foreach (var range in bytes.Split((byte)'\n'))
        {
            var line = bytes[range].TrimEnd((byte)'\r');
            if (line.Length == 0)
                break;
            if (line[0] is (byte)' ' or (byte)'\t')
            {
                value.AddRange(line);
                continue;
            }
            Take();
            var colon = line.IndexOf((byte)':');
            name = colon <= 0 ? "" : Encoding.Latin1.GetString(line[..colon]).TrimEnd();
            value = [.. line[(colon + 1)..]];
        }
        Take();

        // The first of several counts.
        void Take()
        {
            if (name.Length > 0)
                _fields.TryAdd(name, [.. value]);
        }
    }

    /// <summary>Decoded; null where there is none.</summary>
    public string? Subject => _fields.TryGetValue("Subject", out var subject) ? Rfc2047.DecodeText(subject).Trim() : null;

    /// <summary>The labels of Gmail in a Takeout, as they stand there; null where there are none.</summary>
    public string? GmailLabels => _fields.ContainsKey("X-Gmail-Labels") ? Text("X-Gmail-Labels") : null;

    /// <summary>Flags as mutt, Dovecot, pine and Thunderbird leave them in an mbox.</summary>
    public FlagSet Flags
    {
        get
        {
            var status = Text("Status");
            var more = Text("X-Status");
            return new FlagSet(
                MozillaFlags
                    .Flags.Concat(Words("X-Keywords"))
                    .Concat([
                        status.Contains('R') ? "\\Seen" : "",
                        more.Contains('A') ? "\\Answered" : "",
                        more.Contains('F') ? "\\Flagged" : "",
                        status.Contains('D') || more.Contains('D') ? "\\Deleted" : "",
                        more.Contains('T') ? "\\Draft" : "",
                    ])
            );
        }
    }

    /// <summary>Those that Thunderbird alone keeps, in an mbox and in its kind of Maildir.</summary>
    /// <remarks>It leaves what was deleted, or moved to another folder, in the file until it compacts the folder. Such a message comes as
    /// <c>\Deleted</c>, and is said: to leave it out would lose what somebody may want back.</remarks>
    public FlagSet MozillaFlags =>
        new(
            Words("X-Mozilla-Keys")
                .Concat([
                    (Mozilla & 0x1) != 0 ? "\\Seen" : "",
                    (Mozilla & 0x2) != 0 ? "\\Answered" : "",
                    (Mozilla & 0x4) != 0 ? "\\Flagged" : "",
                    (Mozilla & Expunged) != 0 ? "\\Deleted" : "",
                    (Mozilla & 0x1000) != 0 ? "$Forwarded" : "",
                ])
        );

    public void AddFindings(FileFindings findings, string place)
    {
        if ((Mozilla & Expunged) != 0)
            findings.Add(FileFinding.Deleted, place);
        if ((Mozilla & 0x400) != 0)
            findings.Add(FileFinding.HeadersOnly, place);
    }

    private int Mozilla =>
        int.TryParse(Text("X-Mozilla-Status"), System.Globalization.NumberStyles.HexNumber, null, out var bits) ? bits : 0;

    private string Text(string name) => _fields.TryGetValue(name, out var value) ? Encoding.Latin1.GetString(value).Trim() : "";

    // Only what IMAP takes for a keyword (RFC 9051, section 9, atom).
    private IEnumerable<string> Words(string name) =>
        Text(name)
            .Split([' ', '\t', ','], StringSplitOptions.RemoveEmptyEntries)
            .Where(word =>
                word.All(letter => letter is > ' ' and < '\x7f' and not ('(' or ')' or '{' or '%' or '*' or '"' or '\\' or ']'))
            );
}
