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
/// <param name="handler">Through which token servers are reached; the system's where null.</param>
public sealed class TokenProvider(TimeProvider time, HttpMessageHandler? handler = null) : ITokenProvider, IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    private readonly HttpClient _http = new(handler ?? new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(15) })
    {
        Timeout = s_limit,
        // No token server says more.
        MaxResponseContentBufferSize = 1 << 20,
    };
    private readonly ConcurrentDictionary<Key, SharedToken> _tokens = new();

    /// <inheritdoc/>
    public Credential For(TokenSettings settings, string mailbox, Func<SecretReference, string, string> resolve) =>
        settings switch
        {
            MicrosoftTokens microsoft => Shared(
                microsoft,
                "",
                MicrosoftSecrets.Resolve(microsoft, resolve),
                secrets => MicrosoftGrants.Create(microsoft, secrets, _http)
            ),
            GoogleTokens google => Shared(
                google,
                google.Subject ?? mailbox,
                [resolve(google.Key, "key of the service account")],
                secrets => new ServiceAccountGrant(ServiceAccountKey.Parse(secrets[0], google.Key), google.Subject ?? mailbox, _http, time)
            ),
            OAuthTokens oauth => Shared(
                oauth,
                // Rights of a client are for all mailboxes; a refresh token is for one, whose it is.
                "",
                [
                    oauth.ClientSecret is { } secret ? resolve(secret, $"secret of the client {oauth.ClientId}") : "",
                    oauth.RefreshToken is { } token ? resolve(token, $"refresh token for {mailbox}") : "",
                ],
                secrets => new OAuthGrant(oauth, secrets[0], secrets[1], _http, time)
            ),
            _ => throw new ArgumentOutOfRangeException(nameof(settings)),
        };

    public void Dispose() => _http.Dispose();

    /// <summary>Secrets belong to what is equal: one that was replaced makes another token.</summary>
    private SharedToken Shared(TokenSettings settings, string subject, string[] secrets, Func<string[], ITokenGrant> create) =>
        _tokens.GetOrAdd(
            new Key(settings, subject, Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\0', secrets))))),
            _ => new SharedToken(create(secrets), time)
        );

    private sealed record Key(TokenSettings Settings, string Subject, string Secrets);
}
