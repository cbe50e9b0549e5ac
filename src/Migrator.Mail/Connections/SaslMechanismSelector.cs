using System.Security.Cryptography;
using MailKit.Security;
using Migrator.Core.Failures;
using Migrator.Core.Jobs;

namespace Migrator.Mail.Connections;

/// <summary>Chooses the one way in which we log in.</summary>
internal static class SaslMechanismSelector
{
    /// <param name="offered">SASL mechanisms that the server offers.</param>
    /// <returns>Null for the protocol's own login command (LOGIN in IMAP, USER and PASS in POP3).</returns>
    /// <exception cref="MailException"><see cref="Reason.LoginUnsupported"/>.</exception>
    public static SaslMechanism? Choose(MailServer server, string secret, ICollection<string> offered, ConnectAttempt attempt)
    {
        var method = server.Auth switch
        {
            _ when server.Admin is not null => AuthMethod.Plain,
            AuthMethod.Auto => Choose(server.Tls, offered),
            // Microsoft 365 has XOAUTH2 alone; the other one is the standard (RFC 7628).
            AuthMethod.OAuth => offered.Contains("XOAUTH2") || !offered.Contains("OAUTHBEARER")
                ? AuthMethod.XOAuth2
                : AuthMethod.OAuthBearer,
            var chosen => chosen,
        };
        var mechanism = Mechanism(method, server, secret, attempt);
        return mechanism is null || offered.Contains(mechanism.MechanismName)
            ? mechanism
            : throw attempt.Failed(
                Reason.LoginUnsupported,
                $"the server does not offer {mechanism.MechanismName}; it offers {string.Join(", ", offered.Order())}",
                null
            );
    }

    /// <summary>One way only: trying one after the other, as MailKit would, counts as so many wrong passwords at the server, which then
    /// slows down or locks the account. In TLS the simplest is the one that fails least (a server may offer SCRAM and hold
    /// no SCRAM secret of this user); in plaintext, the one that shows least.</summary>
    /// <remarks>What is bound to TLS (-PLUS) is never taken automatically. It would protect nobody: a server in the middle leaves out of
    /// its offer what it cannot pass on. And which kind of binding a server knows cannot be seen: most know none for TLS 1.3 that .NET
    /// has, and would refuse the right password.</remarks>
    private static AuthMethod Choose(TlsMode tls, ICollection<string> offered)
    {
        (string Name, AuthMethod Method)[] safe =
        [
            ("SCRAM-SHA-512", AuthMethod.ScramSha512),
            ("SCRAM-SHA-256", AuthMethod.ScramSha256),
            ("SCRAM-SHA-1", AuthMethod.ScramSha1),
            ("CRAM-MD5", AuthMethod.CramMd5),
        ];
        (string Name, AuthMethod Method)[] simple = [("PLAIN", AuthMethod.Plain), ("LOGIN", AuthMethod.Login)];
        var ways = tls != TlsMode.None ? simple.Concat(safe) : safe.Concat(simple);
        return ways.Where(way => offered.Contains(way.Name)).Select(way => way.Method).FirstOrDefault(AuthMethod.Login);
    }

    /// <summary>Whether it sends an access token.</summary>
    public static bool SendsToken(SaslMechanism? mechanism) => mechanism is SaslMechanismOAuth2 or OAuthBearerMechanism;

    /// <summary>The server has answered that somebody is logged in.</summary>
    /// <exception cref="SaslException">But it has not proved that it knows the password, as this way requires: a server in the middle could
    /// not.</exception>
    public static void ThrowIfUnproved(SaslMechanism mechanism)
    {
        if (mechanism is ScramMechanism { IsAuthenticated: false })
            throw new SaslException(
                mechanism.MechanismName,
                SaslErrorCode.MissingChallenge,
                "the server did not prove that it knows the password"
            );
    }

    private static SaslMechanism? Mechanism(AuthMethod method, MailServer server, string secret, ConnectAttempt attempt)
    {
        return method switch
        {
            AuthMethod.Plain => server.Admin is { } admin
                ? new SaslMechanismPlain(admin.User, secret) { AuthorizationId = server.User }
                : new SaslMechanismPlain(server.User, secret),
            AuthMethod.CramMd5 => new SaslMechanismCramMd5(server.User, secret),
            AuthMethod.ScramSha1 => Scram("SCRAM-SHA-1", HashAlgorithmName.SHA1),
            AuthMethod.ScramSha256 => Scram("SCRAM-SHA-256", HashAlgorithmName.SHA256),
            AuthMethod.ScramSha512 => Scram("SCRAM-SHA-512", HashAlgorithmName.SHA512),
            AuthMethod.ScramSha1Plus => Bound("SCRAM-SHA-1-PLUS", HashAlgorithmName.SHA1),
            AuthMethod.ScramSha256Plus => Bound("SCRAM-SHA-256-PLUS", HashAlgorithmName.SHA256),
            AuthMethod.ScramSha512Plus => Bound("SCRAM-SHA-512-PLUS", HashAlgorithmName.SHA512),
            AuthMethod.XOAuth2 => new SaslMechanismOAuth2(server.User, secret),
            AuthMethod.OAuthBearer => new OAuthBearerMechanism(server, secret),
            AuthMethod.External => new ExternalMechanism(server.User),
            _ => null,
        };

        ScramMechanism Scram(string name, HashAlgorithmName hash) => new(name, hash, server.User, secret, null);

        ScramMechanism Bound(string name, HashAlgorithmName hash) =>
            attempt.Binding is { } binding
                ? new ScramMechanism(name, hash, server.User, secret, binding)
                : throw attempt.Failed(Reason.LoginUnsupported, $"{name} cannot be used: this system cannot bind a login to TLS", null);
    }
}
