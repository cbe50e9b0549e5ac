using System.Buffers.Text;
using System.Text.Json;
using Migrator.Core.Identity;

namespace Migrator.Identity.Tokens;

/// <summary>What a JWT (RFC 7519) claims. Read to explain, never to allow anything: the signature is for the mail server to
/// check.</summary>
internal sealed class JwtClaims
{
    private readonly Dictionary<string, JsonElement> _claims;

    private JwtClaims(Dictionary<string, JsonElement> claims) => _claims = claims;

    /// <returns>Null where the token is not a JWT, as those of Google and of personal accounts are not.</returns>
    public static JwtClaims? Read(string token)
    {
        if (token.Split('.') is not [_, var payload, _])
            return null;
        try
        {
            using var document = JsonDocument.Parse(Base64Url.DecodeFromChars(payload));
            if (document.RootElement.ValueKind != JsonValueKind.Object || !JsonTexts.AreReadable(document.RootElement))
                return null;
            var claims = new Dictionary<string, JsonElement>();
            foreach (var claim in document.RootElement.EnumerateObject())
                claims[claim.Name] = claim.Value.Clone();
            return new JwtClaims(claims);
        }
        catch (Exception exception) when (exception is JsonException or FormatException)
        {
            return null;
        }
    }

    /// <returns>Empty where there is none.</returns>
    public string Text(string name) =>
        _claims.TryGetValue(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    /// <summary>Of a claim that is a text or a list of them.</summary>
    public IReadOnlyList<string> Texts(string name) =>
        !_claims.TryGetValue(name, out var value) ? []
        : value.ValueKind == JsonValueKind.String ? [value.GetString()!]
        : value.ValueKind == JsonValueKind.Array
            ? [.. value.EnumerateArray().Where(one => one.ValueKind == JsonValueKind.String).Select(one => one.GetString()!)]
        : [];

    /// <summary>What they say to people, but for what is empty.</summary>
    public TokenDescription Describe() =>
        new(
            [
                .. new[]
                {
                    new TokenFact("issuer", Text("iss")),
                    new TokenFact("audience", string.Join(", ", Texts("aud"))),
                    new TokenFact("subject", Text("sub")),
                    new TokenFact("rights", string.Join(", ", Texts("scope").Concat(Texts("scp")))),
                }.Where(fact => fact.Value.Length > 0),
            ],
            []
        );
}
