using System.Text;
using System.Text.RegularExpressions;

namespace Migrator.Files.Mbox;

/// <summary>Tells separator lines from text that begins with <c>From </c>.</summary>
internal static partial class Separators
{
    /// <summary>The sender in lines that this program writes. It says how the file is quoted, which <c>MAILER-DAEMON</c> does not: many
    /// programs write that, and quote in ways that cannot be undone.</summary>
    public const string OwnSender = "mboxrd@migrator";

    private const string Day = @"(?:[A-Z][a-z]{2} +\d{1,2}|\d{1,2} +[A-Z][a-z]{2})";

    private const string Time = @"\d{1,2}:\d{2}(?::\d{2})?";

    private const string Zone = @"(?:[+-]\d{4}|[A-Z]{1,5}|\([A-Z]{1,5}\))";

    /// <param name="line">That begins with <c>From </c>; without its end.</param>
    public static SeparatorKind Kind(ReadOnlySpan<byte> line)
    {
        var text = Encoding.Latin1.GetString(line[..Math.Min(line.Length, 512)]).TrimEnd();
        if (text == "From")
            return SeparatorKind.Bare;
        if (!WithDate().IsMatch(text))
            return SeparatorKind.None;
        if (text.StartsWith($"From {OwnSender} ", StringComparison.Ordinal))
            return SeparatorKind.Own;
        return text.StartsWith("From - ", StringComparison.Ordinal) ? SeparatorKind.Dash
            : OfGmail().IsMatch(text) ? SeparatorKind.Gmail
            : SeparatorKind.Dated;
    }

    /// <summary>The message's id at Gmail; null where the line is not of Takeout.</summary>
    public static string? GmailId(string line) => OfGmail().Match(line) is { Success: true } match ? match.Groups["id"].Value : null;

    // The whole line must be a sender and a date: a paragraph that begins with "From 10:30 ..." is neither. The sender may be missing or
    // have blanks.
    [GeneratedRegex(
        @"^From .*?(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? +"
            + Day
            + @",? +(?:"
            + Time
            + @" +(?:"
            + Zone
            + @" +)*\d{4}|\d{4},? +"
            + Time
            + @")(?: +"
            + Zone
            + @")*(?: +remote from .+)?$",
        RegexOptions.CultureInvariant
    )]
    private static partial Regex WithDate();

    [GeneratedRegex(@"^From (?<id>\d{6,25})@xxx ", RegexOptions.CultureInvariant)]
    private static partial Regex OfGmail();
}
