using System.Buffers.Text;
using System.Text.Json;

namespace Migrator.Identity.Entra;

/// <summary>What an access token of Microsoft claims. Read to explain a refusal, never to allow anything: the signature is for the mail
/// server to check.</summary>
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
    public static TokenClaims? Read(string token)
    {
        if (token.Split('.') is not [_, var payload, _])
            return null;
        try
        {
            using var document = JsonDocument.Parse(Base64Url.DecodeFromChars(payload));
            var claims = document.RootElement;
            if (claims.ValueKind != JsonValueKind.Object)
                return null;
            var (roles, person) = (
                claims.TryGetProperty("roles", out var listed) && listed.ValueKind == JsonValueKind.Array
                    ? listed.EnumerateArray().Where(role => role.ValueKind == JsonValueKind.String).Select(role => role.GetString()!)
                    : [],
                Text("upn") is { Length: > 0 } upn ? upn
                : Text("unique_name") is { Length: > 0 } name ? name
                : null
            );
            return new TokenClaims(
                Text("aud"),
                [.. roles],
                Text("scp").Split(' ', StringSplitOptions.RemoveEmptyEntries),
                Text("appid"),
                Text("oid"),
                Text("tid"),
                person
            );

            string Text(string name) =>
                claims.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
        }
        catch (Exception exception) when (exception is JsonException or FormatException)
        {
            return null;
        }
    }
}
