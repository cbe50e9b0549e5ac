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
    public static MailException? Explain(string token, MailException refusal, MailLogin login)
    {
        if (TokenClaims.Read(token) is not { } claims)
            return null;
        var about =
            $"The token is for {claims.Audience}, from tenant {claims.Tenant}, application {claims.ApplicationId}, "
            + (Rights(claims) is { Count: > 0 } rights ? $"with the rights {string.Join(", ", rights)}" : "without any right");
        if (refusal.Reason == Reason.MailboxNotConnected)
            return Refusal(refusal.Reason, $"{about}. In Exchange Online PowerShell: {Opening(claims, login)}");
        if (Doubt(claims, login.Service) is var (doubted, doubt))
            return Refusal(doubted, $"{about}: {doubt}");
        return claims.Scopes.Count > 0
            ? Refusal(
                Reason.EntraPersonRefused,
                $"{about}, of {claims.Person ?? "the person"}. Exchange does not let that person open this mailbox by this protocol."
            )
            : Refusal(
                Reason.EntraServicePrincipalMissing,
                $"{about}. Most often Exchange does not know its enterprise application, whose object id is {claims.ObjectId}; in "
                    + $"Exchange Online PowerShell: New-ServicePrincipal -AppId {claims.ApplicationId} -ObjectId {claims.ObjectId}. Or "
                    + "the mailbox is in another tenant, or the login name is not the address of a mailbox."
            );

        MailException Refusal(Reason reason, string why) => new(reason, $"{refusal.Message} {why}", refusal);
    }

    /// <inheritdoc cref="Tokens.ITokenGrant.Describe"/>
    public static TokenDescription Describe(string token, MailLogin login)
    {
        if (TokenClaims.Read(token) is not { } claims)
            return new TokenDescription([], []);
        var isPerson = claims.Scopes.Count > 0;
        return new TokenDescription(
            [
                .. new[]
                {
                    new TokenFact("audience", claims.Audience),
                    new TokenFact("tenant", claims.Tenant),
                    new TokenFact("application", claims.ApplicationId),
                    // Not the object id of the app registration, with which it is often confused.
                    isPerson
                        ? new TokenFact("person", claims.Person ?? claims.ObjectId)
                        : new TokenFact("enterpriseApplication", claims.ObjectId),
                    new TokenFact("rights", string.Join(", ", Rights(claims))),
                }.Where(fact => fact.Value.Length > 0),
            ],
            Doubt(claims, login.Service) is var (reason, doubt) ? [$"The token is refused: {doubt} {reason.Hint}"] : []
        );
    }

    /// <returns>Null where the token should be accepted, as far as it says.</returns>
    private static (Reason Reason, string Why)? Doubt(TokenClaims claims, MailService service)
    {
        if (!s_exchange.Contains(claims.Audience.TrimEnd('/'), StringComparer.OrdinalIgnoreCase))
            return (Reason.EntraAudienceWrong, $"its audience, {claims.Audience}, is not Exchange Online.");
        var (application, person) = service switch
        {
            MailService.Imap => ("IMAP.AccessAsApp", "IMAP.AccessAsUser.All"),
            MailService.Pop3 => ("POP.AccessAsApp", "POP.AccessAsUser.All"),
            _ => ("SMTP.SendAsApp", "SMTP.Send"),
        };
        // Scopes may be written with their resource.
        return Rights(claims)
            .Any(right => right.EndsWith(application, StringComparison.Ordinal) || right.EndsWith(person, StringComparison.Ordinal))
            ? null
            : (Reason.EntraRightMissing, $"none of its rights is {(claims.Scopes.Count > 0 ? person : application)}.");
    }

    private static List<string> Rights(TokenClaims claims) => [.. claims.Roles, .. claims.Scopes];

    /// <summary>What opens a mailbox to who has the token.</summary>
    private static string Opening(TokenClaims claims, MailLogin login)
    {
        var who = claims.Scopes.Count > 0 ? claims.Person ?? claims.ObjectId : claims.ObjectId;
        var protocol = login.Service == MailService.Pop3 ? "PopEnabled" : "ImapEnabled";
        return $"Set-CASMailbox {login.User} -{protocol} $true; "
            + $"Add-MailboxPermission -Identity {login.User} -User {who} -AccessRights FullAccess";
    }
}
