using System.Text;
using Duende.IdentityModel;
using Migrator.Core.Failures;
using Migrator.Core.Identity;
using Migrator.Core.Redaction;
using Migrator.Identity.Logins;
using Migrator.Identity.Tokens;

namespace Migrator.Identity.OAuth;

/// <summary>Access tokens for the mailbox of one person by a refresh token (RFC 6749, section 6), which a job file gives or a login has
/// stored. A server may replace it each time.</summary>
/// <param name="given">Of the job file; empty where somebody has logged in.</param>
internal sealed class RefreshTokenGrant(
    OAuthTokens settings,
    string secret,
    string given,
    string mailbox,
    ILoginStore logins,
    HttpClient http,
    TimeProvider time
) : ITokenGrant
{
    // It is added again at each use.
    private static readonly TimeSpan s_redacted = TimeSpan.FromDays(1);

    private readonly TokenEndpoint _endpoint = new(
        http,
        time,
        (error, _) => error == "invalid_grant" && given.Length == 0 ? Reason.LoginExpired : null
    );
    private readonly string _server = $"{OAuthRequests.Server(settings)}, for {mailbox}";

    public Task<AccessToken> RequestAsync(CancellationToken cancellationToken) =>
        logins.ChangeAsync(
            OAuthRequests.Key(settings, mailbox, given),
            async stored =>
            {
                var token =
                    stored is not null ? Encoding.UTF8.GetString(stored)
                    : given.Length > 0 ? given
                    : throw LoginFailures.Missing(_server);
                SecretRedactor.Add(token, s_redacted, time);
                var request = OAuthRequests.Create(settings, secret, OidcConstants.GrantTypes.RefreshToken, settings.Scope);
                request.Parameters.Add("refresh_token", token);
                cancellationToken.ThrowIfCancellationRequested();
                // Not stopped any more: the server may have replaced the token by then, and the answer has the only one that holds.
                var response = await _endpoint.RequestAsync(_server, request, CancellationToken.None);
                var replaced = response.RefreshToken is { Length: > 0 } renewed && renewed != token;
                if (replaced)
                    SecretRedactor.Add(response.RefreshToken!, s_redacted, time);
                return (replaced ? Encoding.UTF8.GetBytes(response.RefreshToken!) : null, TokenEndpoint.Token(response));
            },
            cancellationToken
        );
}
