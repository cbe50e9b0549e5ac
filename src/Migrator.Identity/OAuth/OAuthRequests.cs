using System.Security.Cryptography;
using System.Text;
using Duende.IdentityModel.Client;
using Migrator.Core.Identity;
using Migrator.Core.Secrets;

namespace Migrator.Identity.OAuth;

/// <summary>What all requests of a client have in common.</summary>
internal static class OAuthRequests
{
    /// <summary>Names the client, in errors.</summary>
    public static string Server(OAuthTokens settings) => $"client {settings.ClientId} at {settings.TokenEndpoint.Authority}";

    /// <summary>Under which the store keeps a refresh token.</summary>
    /// <param name="given">The one that a job file gives; empty where somebody has logged in.</param>
    public static LoginKey Key(OAuthTokens settings, string mailbox, string given = "") =>
        new(
            settings.TokenEndpoint.AbsoluteUri,
            settings.ClientId,
            mailbox,
            given.Length > 0 ? Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(given))) : ""
        );

    /// <returns>Empty for a public client.</returns>
    public static string Secret(OAuthTokens settings, Func<SecretReference, string, string> resolve) =>
        settings.ClientSecret is { } secret ? resolve(secret, $"secret of the client {settings.ClientId}") : "";

    /// <param name="secret">Empty for a public client.</param>
    public static TokenRequest Create(OAuthTokens settings, string secret, string grant, string? scope = null)
    {
        var request = new TokenRequest
        {
            Address = settings.TokenEndpoint.AbsoluteUri,
            GrantType = grant,
            ClientId = settings.ClientId,
            ClientSecret = secret.Length > 0 ? secret : null,
            ClientCredentialStyle = ClientCredentialStyle.PostBody,
        };
        if (scope is not null)
            request.Parameters.Add("scope", scope);
        return request;
    }
}
