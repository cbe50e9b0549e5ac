using System.Globalization;
using System.Text.RegularExpressions;
using Migrator.Core.Redaction;

namespace Migrator.Mail.Connections;

/// <summary>Where in IMAP and POP3 credentials pass.</summary>
internal static partial class CredentialRedactor
{
    /// <summary>A command that logs in, without what follows its name (of AUTHENTICATE and AUTH, the mechanism stays).</summary>
    public static string Hide(string line) =>
        LoggingIn().Match(line) is { Success: true } match ? $"{match.Groups["command"].Value} {SecretRedactor.Mask}" : line;

    /// <summary>Whether lines of the client that follow may be credentials.</summary>
    public static bool Begins(string line) => LoggingIn().IsMatch(line);

    /// <summary>Whether the server has answered: in IMAP with a tag, in POP3 with +OK or -ERR.</summary>
    public static bool Ends(string line) => Answer().IsMatch(line);

    public static bool Challenge(string line) => line.StartsWith('+') && !line.StartsWith("+OK", StringComparison.OrdinalIgnoreCase);

    /// <summary>Bytes of the literal that a line announces; 0 for none.</summary>
    public static long Literal(string line) =>
        AnnouncedLiteral().Match(line) is { Success: true } match
        && long.TryParse(match.Groups[1].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var bytes)
            ? bytes
            : 0;

    [GeneratedRegex(
        @"^(?<command>(?:[A-Za-z0-9]+ )?(?:AUTHENTICATE|AUTH) [A-Za-z0-9_-]+|[A-Za-z0-9]+ LOGIN|PASS|APOP)(?: .*)?$",
        RegexOptions.IgnoreCase
    )]
    private static partial Regex LoggingIn();

    [GeneratedRegex(@"^(?:(?!\*)\S+ (?:OK|NO|BAD)\b|\+OK|-ERR|\* BYE)", RegexOptions.IgnoreCase)]
    private static partial Regex Answer();

    [GeneratedRegex(@"\{(\d+)\+?\}$")]
    private static partial Regex AnnouncedLiteral();
}
