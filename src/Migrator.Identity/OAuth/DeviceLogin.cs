using Duende.IdentityModel;
using Duende.IdentityModel.Client;
using Migrator.Core.Failures;
using Migrator.Core.Identity;
using Migrator.Core.Redaction;
using Migrator.Identity.Tokens;

namespace Migrator.Identity.OAuth;

/// <summary>A login by a code that a person enters on a page, on any device (RFC 8628).</summary>
internal sealed class DeviceLogin(OAuthTokens settings, string secret, HttpClient http, TokenEndpoint endpoint, TimeProvider time)
{
    // Where an answer does not say (section 3.2), and what slow_down adds (section 3.5).
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(5);

    // Seconds. No code is entered later, and no timer waits for years.
    private const int MostInterval = 3600;

    /// <inheritdoc cref="BrowserLogin.RequestAsync"/>
    public async Task<TokenResponse> RequestAsync(string server, ILoginPrompt prompt, CancellationToken cancellationToken)
    {
        var device = await CodeAsync(server, cancellationToken);
        SecretRedactor.Add(device.DeviceCode!);
        var (interval, end) = (
            device.Interval > 0 ? TimeSpan.FromSeconds(Math.Min(device.Interval, MostInterval)) : s_interval,
            time.GetUtcNow() + TimeSpan.FromSeconds(device.ExpiresIn ?? 0)
        );
        prompt.ShowCode(
            Page(device.VerificationUriComplete) ?? Page(device.VerificationUri)!,
            device.UserCode!,
            TimeSpan.FromSeconds(device.ExpiresIn ?? 0)
        );
        while (time.GetUtcNow() < end)
        {
            await Task.Delay(interval, time, cancellationToken);
            try
            {
                var answer = await endpoint.SendAsync(server, Request(device.DeviceCode!), cancellationToken);
                if (TokenEndpoint.IsToken(answer))
                    return answer;
                switch (TokenEndpoint.Error(answer))
                {
                    case "authorization_pending":
                        break;
                    case "slow_down":
                        interval += s_interval;
                        break;
                    case "access_denied":
                        throw new MailException(Reason.LoginDeclined, $"{server}: the login was declined.");
                    case "expired_token":
                        end = time.GetUtcNow();
                        break;
                    default:
                        throw endpoint.Refusal(server, answer);
                }
            }
            // The person may be entering the code meanwhile: asked again, less often (section 3.5).
            catch (MailException exception) when (exception.Reason.IsTransient)
            {
                interval += s_interval;
            }
        }
        throw new MailException(Reason.LoginTimedOut, $"{server}: nobody entered the code in time.");
    }

    private async Task<DeviceAuthorizationResponse> CodeAsync(string server, CancellationToken cancellationToken)
    {
        DeviceAuthorizationResponse response;
        try
        {
            response = await http.RequestDeviceAuthorizationAsync(
                new DeviceAuthorizationRequest
                {
                    Address = settings.DeviceEndpoint!.AbsoluteUri,
                    ClientId = settings.ClientId,
                    ClientSecret = secret.Length > 0 ? secret : null,
                    ClientCredentialStyle = ClientCredentialStyle.PostBody,
                    Scope = settings.Scope,
                },
                cancellationToken
            );
        }
        catch (Exception exception) when (TokenFailures.IsUnreachable(exception, cancellationToken))
        {
            throw TokenFailures.Unreachable(server, exception);
        }
        cancellationToken.ThrowIfCancellationRequested();
        if (response.HttpResponse is null)
            throw TokenFailures.Unreachable(server, response.Exception ?? new HttpRequestException(response.Error));
        return
            TokenEndpoint.IsObject(response)
            && response is { IsError: false, DeviceCode.Length: > 0, UserCode.Length: > 0 }
            && Page(response.VerificationUri) is not null
            ? response
            : throw endpoint.Refusal(server, response);
    }

    /// <returns>Null where it is no page.</returns>
    private static Uri? Page(string? address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var page) && page.Scheme is "https" or "http" ? page : null;

    private TokenRequest Request(string deviceCode)
    {
        var request = OAuthRequests.Create(settings, secret, OidcConstants.GrantTypes.DeviceCode);
        request.Parameters.Add("device_code", deviceCode);
        return request;
    }
}
