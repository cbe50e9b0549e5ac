using System.Globalization;
using System.Text;
using Migrator.Core.Failures;

namespace Migrator.Core.Discovery;

/// <summary>A mail address whose server is looked for.</summary>
/// <param name="LocalPart">What precedes the last @, as it was written.</param>
/// <param name="Domain">As DNS has it: lower case, ASCII (<c>xn--…</c>), without the dot of the root.</param>
public sealed record MailboxAddress(string LocalPart, string Domain)
{
    private const int LongestLocalPart = 64,
        LongestDomain = 253,
        LongestLabel = 63;

    private static readonly IdnMapping s_idn = new() { UseStd3AsciiRules = true };

    /// <summary>As it logs in, with the domain as DNS has it.</summary>
    public string Text => $"{LocalPart}@{Domain}";

    /// <summary>Whether a text is meant to be an address, right or wrong, and not the URL of an account.</summary>
    public static bool IsMeant(string text) => text.Contains('@') && !text.Contains("://", StringComparison.Ordinal);

    /// <param name="what">Names the argument in errors.</param>
    /// <exception cref="ConfigurationException">It is none, or none whose server can be looked for.</exception>
    public static MailboxAddress Parse(string text, string what)
    {
        // In a quoted local part there may be more of them: the last one precedes the domain.
        var at = text.LastIndexOf('@');
        if (at < 0)
            throw Wrong("is not a mail address; write it as ann@example.org.");
        var (local, domain) = (text[..at], text[(at + 1)..]);
        if (local.Length == 0 || domain.Length == 0)
            throw Wrong("lacks what precedes or follows the \"@\"; write it as ann@example.org.");
        if (Encoding.UTF8.GetByteCount(local) > LongestLocalPart)
            throw Wrong($"has more than {LongestLocalPart} bytes before the \"@\".");
        if (!IsLocalPart(local))
            throw Wrong(
                "has a character before the \"@\" that an address cannot have there. A space or a second \"@\" is allowed in quotes only: "
                    + "\"ann b\"@example.org."
            );
        if (domain.StartsWith('['))
            throw Wrong("names an IP address in place of a domain; give the URL of the account: imaps://USER@HOST.");
        return new MailboxAddress(
            local,
            ToAscii(domain) is { } ascii
                ? ascii
                : throw Wrong("has no valid domain after the \"@\"; write a name such as example.org, without a port or a path.")
        );

        ConfigurationException Wrong(string message) => new("command line", [new ConfigurationError(what, message)]);
    }

    /// <summary>Whether a host is this domain or within it.</summary>
    /// <param name="host">As DNS has it.</param>
    public bool Owns(string host) =>
        host.Equals(Domain, StringComparison.OrdinalIgnoreCase) || host.EndsWith($".{Domain}", StringComparison.OrdinalIgnoreCase);

    /// <returns>The name of a host as DNS has it, in lower case and without the dot of the root; null for what is none. An IP address is
    /// none: no certificate could tie it to a domain.</returns>
    public static string? ToAscii(string name)
    {
        string ascii;
        try
        {
            ascii = s_idn.GetAscii((name.EndsWith('.') ? name[..^1] : name).ToLowerInvariant());
        }
        catch (ArgumentException)
        {
            return null;
        }
        var labels = ascii.Split('.');
        return ascii.Length <= LongestDomain && Array.TrueForAll(labels, IsLabel) && !labels[^1].All(char.IsAsciiDigit) ? ascii : null;
    }

    private static bool IsLabel(string label) =>
        label.Length is > 0 and <= LongestLabel
        && label[0] != '-'
        && label[^1] != '-'
        && label.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter == '-');

    private static bool IsLocalPart(string local)
    {
        var quoted = local.Length > 2 && local[0] == '"' && local[^1] == '"';
        return local
            .EnumerateRunes()
            .All(rune =>
                rune.IsAscii
                    ? rune.Value is >= ' ' and < 127 && (quoted || char.IsAsciiLetterOrDigit((char)rune.Value) || IsAtomText(rune.Value))
                    // An address of RFC 6532; what turns text around or breaks lines could make one address look like another.
                    : Rune.GetUnicodeCategory(rune)
                        is not (
                            UnicodeCategory.Control
                            or UnicodeCategory.Format
                            or UnicodeCategory.LineSeparator
                            or UnicodeCategory.ParagraphSeparator
                            or UnicodeCategory.Surrogate
                            or UnicodeCategory.PrivateUse
                            or UnicodeCategory.OtherNotAssigned
                        )
                        && rune != Rune.ReplacementChar
            );
    }

    private static bool IsAtomText(int letter) => "!#$%&'*+-/=?^_`{|}~.".Contains((char)letter, StringComparison.Ordinal);
}
