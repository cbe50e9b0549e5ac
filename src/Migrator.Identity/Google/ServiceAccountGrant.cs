using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Duende.IdentityModel.Client;
using Migrator.Core.Identity;
using Migrator.Core.Redaction;
using Migrator.Identity.OAuth;
using Migrator.Identity.Tokens;

namespace Migrator.Identity.Google;

/// <summary>A token for one mailbox by domain-wide delegation: a signed assertion in place of a password (RFC 7523, section 2.1).</summary>
/// <remarks>Google's own library makes the same request, but reads and writes JSON by reflection (Newtonsoft.Json), which a program that is
/// compiled ahead of time cannot.</remarks>
internal sealed class ServiceAccountGrant(ServiceAccountKey key, string subject, HttpClient http, TimeProvider time) : ITokenGrant
{
    private const string Scope = "https://mail.google.com/";
    private const string Grant = "urn:ietf:params:oauth:grant-type:jwt-bearer";

    // Google compares the audience with this, whatever the address of the endpoint is.
    private const string Audience = "https://oauth2.googleapis.com/token";

    private static readonly TimeSpan s_life = TimeSpan.FromHours(1);

    private readonly TokenEndpoint _endpoint = new(http, time, GoogleErrors.Meaning);

    public async Task<AccessToken> RequestAsync(CancellationToken cancellationToken)
    {
        var assertion = Assertion(time.GetUtcNow());
        SecretRedactor.Add(assertion, s_life, time);
        var request = new TokenRequest { Address = key.TokenUri.AbsoluteUri, GrantType = Grant };
        request.Parameters.Add("assertion", assertion);
        var response = await _endpoint.RequestAsync(
            $"{subject} as {key.ClientEmail} at {key.TokenUri.Authority}",
            request,
            cancellationToken
        );
        return TokenEndpoint.Token(response);
    }

    public TokenDescription Describe(string token, MailLogin login) =>
        new([new TokenFact("serviceAccount", key.ClientEmail), new TokenFact("subject", subject), new TokenFact("rights", Scope)], []);

    private string Assertion(DateTimeOffset now)
    {
        var header = Json(writer =>
        {
            writer.WriteString("alg", "RS256");
            writer.WriteString("typ", "JWT");
            if (key.KeyId is not null)
                writer.WriteString("kid", key.KeyId);
        });
        var claims = Json(writer =>
        {
            writer.WriteString("iss", key.ClientEmail);
            writer.WriteString("sub", subject);
            writer.WriteString("scope", Scope);
            writer.WriteString("aud", Audience);
            writer.WriteNumber("iat", now.ToUnixTimeSeconds());
            writer.WriteNumber("exp", (now + s_life).ToUnixTimeSeconds());
        });
        var signed = $"{Base64Url.EncodeToString(header)}.{Base64Url.EncodeToString(claims)}";
        using var rsa = RSA.Create();
        rsa.ImportFromPem(key.PrivateKey);
        var signature = rsa.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return $"{signed}.{Base64Url.EncodeToString(signature)}";
    }

    private static byte[] Json(Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }
        return buffer.ToArray();
    }
}
