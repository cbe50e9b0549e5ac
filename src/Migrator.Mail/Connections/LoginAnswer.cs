using System.Text.RegularExpressions;
using Migrator.Core.Failures;

namespace Migrator.Mail.Connections;

/// <summary>What providers mean when they refuse a login for another cause than user or password. Only their words say so, in every
/// protocol the same.</summary>
internal static partial class LoginAnswer
{
    /// <returns>Null where the words say nothing of it.</returns>
    public static Reason? Meaning(string text) =>
        text switch
        {
            _ when Disabled().IsMatch(text) => Reason.ProtocolDisabled,
            _ when AppPassword().IsMatch(text) => Reason.AppPasswordRequired,
            _ when WebLogin().IsMatch(text) => Reason.WebLoginRequired,
            _ when NoPasswords().IsMatch(text) => Reason.PasswordLoginOff,
            _ => null,
        };

    // Gmail, IMAP and POP3; Exchange, SMTP.
    [GeneratedRegex(
        @"\bnot enabled for (?:IMAP|POP)|\b(?:IMAP|POP3?)(?: access)? (?:is |has been )?(?:disabled|switched off|turned off|not enabled)\b"
            + @"|\bSmtpClientAuthentication is disabled\b",
        RegexOptions.IgnoreCase
    )]
    private static partial Regex Disabled();

    [GeneratedRegex(@"\bapp(?:lication)?[- ](?:specific )?password", RegexOptions.IgnoreCase)]
    private static partial Regex AppPassword();

    [GeneratedRegex(@"\bvia your web browser\b|\bweb login required\b", RegexOptions.IgnoreCase)]
    private static partial Regex WebLogin();

    [GeneratedRegex(@"\bbasic auth(?:entication)? is (?:not supported|disabled)", RegexOptions.IgnoreCase)]
    private static partial Regex NoPasswords();
}
