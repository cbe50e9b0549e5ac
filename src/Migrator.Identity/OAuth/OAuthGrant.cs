using Duende.IdentityModel.Client;
using Migrator.Core.Identity;
using Migrator.Core.Redaction;
using Migrator.Identity.Tokens;

namespace Migrator.Identity.OAuth;

/// <summary>Client credentials (RFC 6749, section 4.4) or a refresh token (section 6) of any OAuth 2.0 server.</summary>
/// <param name="secret">Empty for a public client.</param>
/// <param name="refreshToken">Empty for client credentials.</param>
internal sealed class OAuthGrant(OAuthTokens settings, string secret, string refreshToken, HttpClient http, TimeProvider time) : ITokenGrant
{
    private readonly TokenEndpoint _endpoint = new(http, time, (_, _) => null);
    private readonly string _server = $"client {settings.ClientId} at {settings.TokenEndpoint.Authority}";
    private string _refreshToken = refreshToken;

    public async Task<AccessToken> RequestAsync(CancellationToken cancellationToken)
    {
        var response = await _endpoint.RequestAsync(_server, Request(), cancellationToken);
        // A server may replace it each time; the earlier one is then of no use.
        if (response.RefreshToken is { Length: > 0 } renewed && _refreshToken.Length > 0)
        {
            SecretRedactor.Add(renewed);
            _refreshToken = renewed;
        }
        return TokenEndpoint.Token(response);
    }

    private TokenRequest Request()
    {
        var request = new TokenRequest
        {
            Address = settings.TokenEndpoint.AbsoluteUri,
            GrantType = _refreshToken.Length > 0 ? "refresh_token" : "client_credentials",
            ClientId = settings.ClientId,
            ClientSecret = secret.Length > 0 ? secret : null,
            ClientCredentialStyle = ClientCredentialStyle.PostBody,
        };
        if (_refreshToken.Length > 0)
            request.Parameters.Add("refresh_token", _refreshToken);
        if (settings.Scope is { } scope)
            request.Parameters.Add("scope", scope);
        return request;
    }
}
