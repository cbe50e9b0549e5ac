using Migrator.Identity.Tokens;

namespace Migrator.Identity.Entra;

/// <summary>What an access token of Microsoft claims.</summary>
/// <param name="Audience">Whose server it is for.</param>
/// <param name="Roles">Rights of an application.</param>
/// <param name="Scopes">Rights of a person.</param>
/// <param name="ApplicationId">Of the app registration.</param>
/// <param name="ObjectId">Of the enterprise application, or of the person.</param>
/// <param name="Person">Null in a token of an application.</param>
internal sealed record TokenClaims(
    string Audience,
    IReadOnlyList<string> Roles,
    IReadOnlyList<string> Scopes,
    string ApplicationId,
    string ObjectId,
    string Tenant,
    string? Person
)
{
    /// <returns>Null where the token is not a JWT, as those of personal accounts are not.</returns>
    public static TokenClaims? Read(string token) =>
        JwtClaims.Read(token) is not { } claims
            ? null
            : new TokenClaims(
                claims.Text("aud"),
                claims.Texts("roles"),
                claims.Text("scp").Split(' ', StringSplitOptions.RemoveEmptyEntries),
                claims.Text("appid"),
                claims.Text("oid"),
                claims.Text("tid"),
                claims.Text("upn") is { Length: > 0 } upn ? upn
                    : claims.Text("unique_name") is { Length: > 0 } name ? name
                    : null
            );
}
