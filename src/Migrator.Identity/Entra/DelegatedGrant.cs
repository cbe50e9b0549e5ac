using Migrator.Core.Failures;
using Migrator.Core.Identity;
using Migrator.Identity.Logins;
using Migrator.Identity.Tokens;

namespace Migrator.Identity.Entra;

/// <summary>Tokens for what a person has allowed by <see cref="DeviceCodeLogin"/>.</summary>
internal sealed class DelegatedGrant(MicrosoftTokens settings, string mailbox, ILoginStore logins, HttpClient http) : ITokenGrant
{
    private readonly string _server = $"{MicrosoftClouds.Server(settings)}, for {mailbox}";

    public Task<AccessToken> RequestAsync(CancellationToken cancellationToken) =>
        logins.ChangeAsync(
            MicrosoftClouds.Key(settings, mailbox),
            async stored =>
            {
                if (stored is null)
                    throw LoginFailures.Missing(_server);
                var application = new DelegatedApplication(settings, stored, http);
                try
                {
                    var account = (await application.Client.GetAccountsAsync()).FirstOrDefault() ?? throw LoginFailures.Missing(_server);
                    cancellationToken.ThrowIfCancellationRequested();
                    // Not stopped any more, as the answer replaces the refresh token. MSAL's own cache would give back a token that the
                    // server has refused.
                    var result = await application
                        .Client.AcquireTokenSilent(application.Scopes, account)
                        .WithForceRefresh(true)
                        .ExecuteAsync(CancellationToken.None);
                    var token = EntraErrors.Token(_server, result);
                    return (application.Cache, token);
                }
                catch (Exception exception) when (EntraErrors.Translate(_server, exception, CancellationToken.None) is { } failure)
                {
                    throw failure;
                }
            },
            cancellationToken
        );

    public MailException? Explain(string token, MailException refusal, MailLogin login) => TokenRefusals.Explain(token, refusal, login);

    public TokenDescription Describe(string token, MailLogin login) => TokenRefusals.Describe(token, login);
}
