using System.Globalization;
using System.Text.RegularExpressions;
using Migrator.Core.Mail;

namespace Migrator.Mail.Imap;

/// <summary>Reads a QUOTA response (RFC 9208, section 4.2.1), nonsense included: of what cannot be so, nothing is claimed.</summary>
internal static partial class QuotaAnswer
{
    // STORAGE counts in units of 1,024 bytes.
    private const long Unit = 1024;

    /// <param name="response">The whole response in one line, literals as quoted strings.</param>
    /// <returns>Null for another response, such as QUOTAROOT.</returns>
    public static MailQuota? Read(string response)
    {
        if (Form().Match(response) is not { Success: true } form)
            return null;
        var words = form.Groups["list"].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var quota = new MailQuota(Name(form), null, null) { IsUnclear = words.Length % 3 != 0 || !form.Groups["end"].Success };
        for (var index = 0; index + 2 < words.Length; index += 3)
        {
            quota = words[index].ToUpperInvariant() switch
            {
                "STORAGE" => Use(words, index, Unit) is { } use ? quota with { Storage = use } : quota with { IsUnclear = true },
                "MESSAGE" => Use(words, index, 1) is { } use ? quota with { Messages = use } : quota with { IsUnclear = true },
                _ => quota,
            };
        }
        return quota;
    }

    private static string Name(Match form) =>
        form.Groups["quoted"].Success ? Escaped().Replace(form.Groups["quoted"].Value, "$1") : form.Groups["atom"].Value;

    /// <returns>Null where the numbers are none, or too large to be so. A limit of 0 means "none" to some servers and "nothing fits" to
    /// others.</returns>
    private static QuotaUse? Use(string[] words, int index, long unit) =>
        Number(words[index + 1]) is { } used
        && Number(words[index + 2]) is { } limit and > 0
        && used <= long.MaxValue / unit
        && limit <= long.MaxValue / unit
            ? new QuotaUse(used * unit, limit * unit)
            : null;

    private static long? Number(string word) =>
        long.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    [GeneratedRegex(
        """^\* QUOTA (?:"(?<quoted>(?:[^"\\]|\\.)*)"|(?<atom>[^ "()]+)) \((?<list>[^()]*)(?<end>\))?""",
        RegexOptions.IgnoreCase
    )]
    private static partial Regex Form();

    [GeneratedRegex(@"\\(.)")]
    private static partial Regex Escaped();
}
