using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Migrator.Tests.Dashboard;

/// <summary>An OpenID Connect provider on loopback that knows one person, asks them nothing, and says of them what a test wants.</summary>
internal sealed class OpenIdProvider : IAsyncDisposable
{
    public const string ClientSecret = "the-clients-secret";

    private readonly RSA _key = RSA.Create(2048);
    private readonly WebApplication _app;
    private string? _nonce;

    private OpenIdProvider()
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        var key = new RsaSecurityKey(_key) { KeyId = "1" };
        _app.MapGet(
            "/.well-known/openid-configuration",
            () =>
                new Dictionary<string, object>
                {
                    ["issuer"] = Url,
                    ["authorization_endpoint"] = $"{Url}/authorize",
                    ["token_endpoint"] = $"{Url}/token",
                    ["jwks_uri"] = $"{Url}/keys",
                    ["response_types_supported"] = new[] { "code" },
                    ["id_token_signing_alg_values_supported"] = new[] { "RS256" },
                    ["subject_types_supported"] = new[] { "public" },
                }
        );
        _app.MapGet(
            "/keys",
            () =>
            {
                var shown = _key.ExportParameters(false);
                return new
                {
                    keys = new[]
                    {
                        new
                        {
                            kty = "RSA",
                            use = "sig",
                            kid = "1",
                            alg = "RS256",
                            n = Base64UrlEncoder.Encode(shown.Modulus),
                            e = Base64UrlEncoder.Encode(shown.Exponent),
                        },
                    },
                };
            }
        );
        _app.MapGet(
            "/authorize",
            (HttpRequest request) =>
            {
                _nonce = request.Query["nonce"];
                return Results.Redirect(
                    $"{request.Query["redirect_uri"]}?code=the-code&state={Uri.EscapeDataString(request.Query["state"]!)}"
                );
            }
        );
        _app.MapPost(
            "/token",
            async (HttpRequest request) =>
            {
                var form = await request.ReadFormAsync();
                if (form["code"] != "the-code" || form["client_secret"] != ClientSecret || form["code_verifier"].Count == 0)
                    return Results.BadRequest(new { error = "invalid_grant" });
                var token = new JsonWebTokenHandler().CreateToken(
                    new SecurityTokenDescriptor
                    {
                        Issuer = Url,
                        Audience = "migrator",
                        Expires = TimeProvider.System.GetUtcNow().UtcDateTime.AddMinutes(5),
                        SigningCredentials = new SigningCredentials(key, SecurityAlgorithms.RsaSha256),
                        Claims = new Dictionary<string, object>(Claims) { ["nonce"] = _nonce! },
                    }
                );
                return Results.Json(
                    new
                    {
                        access_token = "unused",
                        token_type = "Bearer",
                        id_token = token,
                    }
                );
            }
        );
    }

    public string Url => _app.Urls.Single();

    /// <summary>What it says of the person at the next login.</summary>
    public Dictionary<string, object> Claims { get; set; } = new() { ["sub"] = "1234" };

    /// <summary>The settings of a page that asks it, besides those of who is allowed in.</summary>
    public IEnumerable<(string, string?)> Settings =>
        [
            ("Dashboard:OpenIdConnect:Authority", Url),
            ("Dashboard:OpenIdConnect:ClientId", "migrator"),
            ("Dashboard:OpenIdConnect:ClientSecret", "env:MIGRATOR_TEST_CLIENT"),
        ];

    public static async Task<OpenIdProvider> StartAsync()
    {
        Environment.SetEnvironmentVariable("MIGRATOR_TEST_CLIENT", ClientSecret);
        var provider = new OpenIdProvider();
        await provider._app.StartAsync();
        return provider;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _key.Dispose();
    }
}
