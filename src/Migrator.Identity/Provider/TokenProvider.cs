using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Migrator.Core.Identity;
using Migrator.Core.Secrets;
using Migrator.Identity.Entra;
using Migrator.Identity.Google;
using Migrator.Identity.OAuth;
using Migrator.Identity.Tokens;

namespace Migrator.Identity.Provider;

/// <inheritdoc/>
/// <param name="logins">What people have allowed.</param>
/// <param name="handler">Through which token servers are reached; the system's where null.</param>
public sealed class TokenProvider(ILoginStore logins, TimeProvider time, HttpMessageHandler? handler = null) : ITokenProvider, IDisposable
{
    private readonly TokenHttp _tokenServers = new(handler, time);
    private readonly ConcurrentDictionary<Key, SharedToken> _tokens = new();

    private HttpClient Http => _tokenServers.Client;

    /// <inheritdoc/>
    public Credential For(TokenSettings settings, string mailbox, Func<SecretReference, string, string> resolve) =>
        settings switch
        {
            MicrosoftTokens { Grant: MicrosoftGrant.DeviceCode } microsoft => Shared(
                microsoft,
                mailbox,
                [],
                _ => new DelegatedGrant(microsoft, mailbox, logins, Http)
            ),
            MicrosoftTokens microsoft => Shared(
                microsoft,
                "",
                MicrosoftSecrets.Resolve(microsoft, resolve),
                secrets => MicrosoftGrants.Create(microsoft, secrets, Http, time)
            ),
            GoogleTokens google => Shared(
                google,
                google.Subject ?? mailbox,
                [resolve(google.Key, "key of the service account")],
                secrets => new ServiceAccountGrant(ServiceAccountKey.Parse(secrets[0], google.Key), google.Subject ?? mailbox, Http, time)
            ),
            OAuthTokens { RefreshToken: null, IsInteractive: false } oauth => Shared(
                oauth,
                "",
                [OAuthRequests.Secret(oauth, resolve)],
                secrets => new OAuthGrant(oauth, secrets[0], Http, time)
            ),
            OAuthTokens oauth => Shared(
                oauth,
                mailbox,
                [
                    OAuthRequests.Secret(oauth, resolve),
                    oauth.RefreshToken is { } token ? resolve(token, $"refresh token for {mailbox}") : "",
                ],
                secrets => new RefreshTokenGrant(oauth, secrets[0], secrets[1], mailbox, logins, Http, time)
            ),
            _ => throw new ArgumentOutOfRangeException(nameof(settings)),
        };

    public void Dispose() => _tokenServers.Dispose();

    /// <summary>Secrets belong to what is equal: one that was replaced makes another token.</summary>
    private SharedToken Shared(TokenSettings settings, string subject, string[] secrets, Func<string[], ITokenGrant> create) =>
        _tokens.GetOrAdd(
            new Key(settings, subject, Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\0', secrets))))),
            _ => new SharedToken(create(secrets), time, () => _tokenServers.ClockAhead)
        );

    private sealed record Key(TokenSettings Settings, string Subject, string Secrets);
}
