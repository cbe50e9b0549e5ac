using Duende.IdentityModel;
using Duende.IdentityModel.Client;
using Migrator.Core.Identity;
using Migrator.Identity.Tokens;

namespace Migrator.Identity.OAuth;

/// <summary>Client credentials of any OAuth 2.0 server (RFC 6749, section 4.4).</summary>
internal sealed class OAuthGrant(OAuthTokens settings, string secret, HttpClient http, TimeProvider time) : ITokenGrant
{
    private readonly TokenEndpoint _endpoint = new(http, time, (_, _) => null);

    public async Task<AccessToken> RequestAsync(CancellationToken cancellationToken) =>
        TokenEndpoint.Token(
            await _endpoint.RequestAsync(
                OAuthRequests.Server(settings),
                OAuthRequests.Create(settings, secret, OidcConstants.GrantTypes.ClientCredentials, settings.Scope),
                cancellationToken
            )
        );
}
