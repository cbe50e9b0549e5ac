using Migrator.Core.Failures;
using Migrator.Core.Identity;

namespace Migrator.Identity.Entra;

/// <summary>Explains why Exchange refuses a token that Entra ID has given: Exchange only says that it does.</summary>
internal static class TokenRefusals
{
    private static readonly string[] s_exchange =
    [
        "https://ps.outlook.com",
        "https://outlook.office.com",
        "https://outlook.office365.com",
        "https://outlook.office365.us",
        "https://partner.outlook.cn",
        // The application id of Exchange Online, in tokens of version 2.
        "00000002-0000-0ff1-ce00-000000000000",
    ];

    /// <returns>Null where the token does not say.</returns>
    public static MailException? Explain(string token, MailException refusal)
    {
        if (TokenClaims.Read(token) is not { } claims)
            return null;
        var about = $"The token is for {claims.Audience}, from tenant {claims.Tenant}, application {claims.ApplicationId}";
        if (!s_exchange.Contains(claims.Audience.TrimEnd('/'), StringComparer.OrdinalIgnoreCase))
            return Refusal(Reason.EntraAudienceWrong, $"{about}, which is not Exchange Online.");
        string[] rights = [.. claims.Roles, .. claims.Scopes];
        var shown = rights.Length > 0 ? $"with the rights {string.Join(", ", rights)}" : "without any right";
        if (!rights.Any(right => right.EndsWith(".AccessAsApp", StringComparison.Ordinal) || IsDelegated(right)))
            return Refusal(Reason.EntraRightMissing, $"{about}, {shown}: none of them is for IMAP or POP3.");
        return claims.Scopes.Count > 0
            ? Refusal(
                Reason.EntraPersonRefused,
                $"{about}, {shown}, of {claims.Person ?? "the person"}. Exchange does not let that person open this mailbox by "
                    + "this protocol."
            )
            : Refusal(
                Reason.EntraServicePrincipalMissing,
                $"{about}, {shown}. Most often Exchange does not know its enterprise application, whose object id is {claims.ObjectId}; in "
                    + $"Exchange Online PowerShell: New-ServicePrincipal -AppId {claims.ApplicationId} -ObjectId {claims.ObjectId}. Or "
                    + "none of the rights is for this protocol, or the login name is not the address of a mailbox."
            );

        MailException Refusal(Reason reason, string why) => new(reason, $"{refusal.Message} {why}", refusal);
    }

    private static bool IsDelegated(string right) =>
        right.EndsWith("IMAP.AccessAsUser.All", StringComparison.Ordinal)
        || right.EndsWith("POP.AccessAsUser.All", StringComparison.Ordinal)
        || right.EndsWith("SMTP.Send", StringComparison.Ordinal)
        || right.EndsWith("SMTP.SendAsApp", StringComparison.Ordinal);
}
