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
            AuthMethod.Auto => Choose(server.Tls, offered),
            // Microsoft 365 has XOAUTH2 alone; the other one is the standard (RFC 7628).
            AuthMethod.OAuth => offered.Contains("XOAUTH2") || !offered.Contains("OAUTHBEARER")
                ? AuthMethod.XOAuth2
                : AuthMethod.OAuthBearer,
            var chosen => chosen,
        };
        var mechanism = Mechanism(method, server, secret);
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
    private static AuthMethod Choose(TlsMode tls, ICollection<string> offered)
    {
        (string Name, AuthMethod Method)[] safe =
        [
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

    private static SaslMechanism? Mechanism(AuthMethod method, MailServer server, string secret) =>
        method switch
        {
            AuthMethod.Plain => new SaslMechanismPlain(server.User, secret),
            AuthMethod.CramMd5 => new SaslMechanismCramMd5(server.User, secret),
            AuthMethod.ScramSha1 => new SaslMechanismScramSha1(server.User, secret),
            AuthMethod.ScramSha256 => new SaslMechanismScramSha256(server.User, secret),
            AuthMethod.XOAuth2 => new SaslMechanismOAuth2(server.User, secret),
            AuthMethod.OAuthBearer => new OAuthBearerMechanism(server, secret),
            _ => null,
        };
}
