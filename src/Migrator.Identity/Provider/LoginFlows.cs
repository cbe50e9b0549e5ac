using System.Text;
using Duende.IdentityModel.Client;
using Migrator.Core.Failures;
using Migrator.Core.Identity;
using Migrator.Core.Redaction;
using Migrator.Core.Secrets;
using Migrator.Identity.Entra;
using Migrator.Identity.OAuth;
using Migrator.Identity.Tokens;

namespace Migrator.Identity.Provider;

/// <inheritdoc/>
/// <param name="handler">Through which token servers are reached; the system's where null.</param>
public sealed class LoginFlows(ILoginStore store, TimeProvider time, HttpMessageHandler? handler = null) : ILoginFlows
{
    private readonly TokenHttp _tokenServers = new(handler, time);

    private HttpClient Http => _tokenServers.Client;

    /// <inheritdoc/>
    public Task<string?> LogInAsync(
        TokenSettings settings,
        string mailbox,
        Func<SecretReference, string, string> resolve,
        ILoginPrompt prompt,
        CancellationToken cancellationToken
    ) =>
        settings switch
        {
            MicrosoftTokens { IsInteractive: true } microsoft => LogInAsync(microsoft, mailbox, prompt, cancellationToken),
            OAuthTokens { IsInteractive: true } oauth => LogInAsync(
                oauth,
                mailbox,
                OAuthRequests.Secret(oauth, resolve),
                prompt,
                cancellationToken
            ),
            _ => throw new ArgumentOutOfRangeException(nameof(settings)),
        };

    /// <inheritdoc/>
    public async Task<LoginRevocation> RevokeAsync(
        TokenSettings settings,
        string mailbox,
        Func<SecretReference, string, string> resolve,
        CancellationToken cancellationToken
    )
    {
        var key = KeyOf(settings, mailbox);
        var revoked =
            settings is OAuthTokens { RevocationEndpoint: not null } oauth
            && await store.ChangeAsync<bool>(
                key,
                async content => (null, await RevokeAsync(oauth, OAuthRequests.Secret(oauth, resolve), content, cancellationToken)),
                cancellationToken
            );
        return await store.RemoveAsync(key, cancellationToken)
            ? (revoked ? LoginRevocation.AtServer : LoginRevocation.HereOnly)
            : LoginRevocation.Missing;
    }

    public void Dispose() => _tokenServers.Dispose();

    /// <inheritdoc/>
    public LoginKey KeyOf(TokenSettings settings, string mailbox) =>
        settings switch
        {
            MicrosoftTokens microsoft => MicrosoftClouds.Key(microsoft, mailbox),
            OAuthTokens oauth => OAuthRequests.Key(oauth, mailbox),
            _ => throw new ArgumentOutOfRangeException(nameof(settings)),
        };

    private async Task<string?> LogInAsync(
        MicrosoftTokens settings,
        string mailbox,
        ILoginPrompt prompt,
        CancellationToken cancellationToken
    )
    {
        var key = MicrosoftClouds.Key(settings, mailbox);
        // Before a person goes to a page for nothing.
        await store.PutAsync(key, null, cancellationToken);
        var (cache, account) = await new DeviceCodeLogin(settings, Http).RequestAsync(
            $"{MicrosoftClouds.Server(settings)}, for {mailbox}",
            prompt,
            cancellationToken
        );
        await store.PutAsync(key, cache, CancellationToken.None);
        return account;
    }

    private async Task<string?> LogInAsync(
        OAuthTokens settings,
        string mailbox,
        string secret,
        ILoginPrompt prompt,
        CancellationToken cancellationToken
    )
    {
        var (server, key) = ($"{OAuthRequests.Server(settings)}, for {mailbox}", OAuthRequests.Key(settings, mailbox));
        await store.PutAsync(key, null, cancellationToken);
        var endpoint = new TokenEndpoint(Http, time, (_, _) => null);
        var answer = settings.DeviceEndpoint is null
            ? await new BrowserLogin(settings, secret, endpoint).RequestAsync(server, prompt, cancellationToken)
            : await new DeviceLogin(settings, secret, Http, endpoint, time).RequestAsync(server, prompt, cancellationToken);
        if (answer.RefreshToken is not { Length: > 0 } token)
            throw new MailException(Reason.LoginNotKept, $"{server}: the server allowed access for now, but gave no refresh token.");
        SecretRedactor.Add(token);
        await store.PutAsync(key, Encoding.UTF8.GetBytes(token), CancellationToken.None);
        return null;
    }

    /// <returns>Whether the server has ended it, or knew it no longer.</returns>
    private async Task<bool> RevokeAsync(OAuthTokens settings, string secret, byte[]? content, CancellationToken cancellationToken)
    {
        if (content is null)
            return false;
        var response = await Http.RevokeTokenAsync(
            new TokenRevocationRequest
            {
                Address = settings.RevocationEndpoint!.AbsoluteUri,
                ClientId = settings.ClientId,
                ClientSecret = secret.Length > 0 ? secret : null,
                ClientCredentialStyle = ClientCredentialStyle.PostBody,
                Token = Encoding.UTF8.GetString(content),
                TokenTypeHint = "refresh_token",
            },
            cancellationToken
        );
        cancellationToken.ThrowIfCancellationRequested();
        return !response.IsError;
    }
}
