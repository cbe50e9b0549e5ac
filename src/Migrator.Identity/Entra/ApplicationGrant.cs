using Microsoft.Identity.Client;
using Migrator.Core.Failures;
using Migrator.Core.Identity;
using Migrator.Identity.Tokens;

namespace Migrator.Identity.Entra;

/// <summary>A token for the rights of an application, good for every mailbox that it may open.</summary>
internal sealed class ApplicationGrant : ITokenGrant
{
    private readonly IConfidentialClientApplication _application;
    private readonly string _server;
    private readonly string[] _scopes;

    /// <param name="prove">Adds what proves that this is the application.</param>
    public ApplicationGrant(
        MicrosoftTokens settings,
        HttpClient http,
        Func<ConfidentialClientApplicationBuilder, ConfidentialClientApplicationBuilder> prove
    )
    {
        _server = MicrosoftClouds.Server(settings);
        _scopes = [$"{MicrosoftClouds.Resource(settings.Cloud)}/.default"];
        _application = prove(
                ConfidentialClientApplicationBuilder
                    .Create(settings.ClientId)
                    .WithAuthority(MicrosoftClouds.Tenant(settings).AbsoluteUri, validateAuthority: false)
                    // It would ask the worldwide cloud about every other one, and reveal the tenant to it.
                    .WithInstanceDiscovery(false)
                    .WithHttpClientFactory(new SharedHttp(http))
            )
            .Build();
    }

    public async Task<AccessToken> RequestAsync(CancellationToken cancellationToken)
    {
        try
        {
            // Its own cache would give back a token that the server has refused.
            var result = await _application.AcquireTokenForClient(_scopes).WithForceRefresh(true).ExecuteAsync(cancellationToken);
            return EntraErrors.Token(_server, result);
        }
        catch (Exception exception) when (EntraErrors.Translate(_server, exception, cancellationToken) is { } failure)
        {
            throw failure;
        }
    }

    public MailException? Explain(string token, MailException refusal, MailLogin login) => TokenRefusals.Explain(token, refusal, login);

    public TokenDescription Describe(string token, MailLogin login) => TokenRefusals.Describe(token, login);
}
