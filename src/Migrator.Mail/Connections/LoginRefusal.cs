using System.Text.RegularExpressions;
using Migrator.Core.Failures;

namespace Migrator.Mail.Connections;

/// <summary>What a refused login means, by who logged in and what the server said, whatever the protocol.</summary>
internal static partial class LoginRefusal
{
    /// <param name="reason">Of a refusal that says nothing in particular.</param>
    /// <param name="code">The response code without brackets; empty for none.</param>
    /// <returns>Null where the words do not say more.</returns>
    public static Reason? Of(Reason reason, string code, string text) =>
        ClientCertificateRefusal.Is(text) ? Reason.ClientCertificateRefused
        : reason == Reason.AdminRefused
        && (code.Equals("AUTHORIZATIONFAILED", StringComparison.OrdinalIgnoreCase) || NotAllowed().IsMatch(text))
            ? Reason.AdminNotAllowed
        : LoginAnswer.Meaning(text);

    // RFC 5530 has the response code; POP3 has none for it.
    [GeneratedRegex(
        @"\bauthorization (?:failed|failure|denied)\b|\bnot authorized\b|\bmay not (?:proxy|act as)\b",
        RegexOptions.IgnoreCase
    )]
    private static partial Regex NotAllowed();
}
