using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;
using Migrator.Core.Failures;
using Migrator.Core.Identity;
using Migrator.Identity.Tokens;
using AccessToken = Migrator.Identity.Tokens.AccessToken;

namespace Migrator.Identity.Entra;

/// <summary>A token for the identity of the Azure machine that this runs on.</summary>
internal sealed class ManagedIdentityGrant(MicrosoftTokens settings, HttpClient http) : ITokenGrant
{
    private readonly TokenRequestContext _request = new([$"{MicrosoftClouds.Resource(settings.Cloud)}/.default"]);
    private readonly ManagedIdentityCredential _identity = new(
        new ManagedIdentityCredentialOptions(
            settings.ClientId.Length > 0 ? ManagedIdentityId.FromUserAssignedClientId(settings.ClientId) : ManagedIdentityId.SystemAssigned
        )
        {
            Transport = new HttpClientTransport(http),
        }
    );

    public async Task<AccessToken> RequestAsync(CancellationToken cancellationToken)
    {
        const string server = "managed identity of this machine";
        try
        {
            var token = await _identity.GetTokenAsync(_request, cancellationToken);
            return new AccessToken(token.Token, token.ExpiresOn - TimeProvider.System.GetUtcNow());
        }
        catch (CredentialUnavailableException exception)
        {
            throw new MailException(Reason.ManagedIdentityMissing, $"{server}: {exception.Message}", exception);
        }
        catch (AuthenticationFailedException exception)
            when (EntraErrors.Translate(server, exception.InnerException ?? exception, cancellationToken) is { } failure)
        {
            throw failure;
        }
        catch (Exception exception) when (EntraErrors.Translate(server, exception, cancellationToken) is { } failure)
        {
            throw failure;
        }
    }

    public MailException? Explain(string token, MailException refusal, MailLogin login) => TokenRefusals.Explain(token, refusal, login);

    public TokenDescription Describe(string token, MailLogin login) => TokenRefusals.Describe(token, login);
}
