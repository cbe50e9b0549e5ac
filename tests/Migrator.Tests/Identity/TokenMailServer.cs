using Migrator.Core.Jobs;
using Migrator.Tests.Servers;

namespace Migrator.Tests.Identity;

/// <summary>A Dovecot that takes access tokens.</summary>
internal static class TokenMailServer
{
    /// <param name="forAnyUser">A token for "any" opens every mailbox, as those of an application do.</param>
    /// <param name="hidden">Capabilities that it does not announce.</param>
    public static Task<DovecotServer> StartAsync(TokenAuthority authority, bool forAnyUser, params string[] hidden) =>
        DovecotServer.StartAsync(
            new DovecotOptions(
                Hidden: hidden,
                Mechanisms: "plain xoauth2 oauthbearer",
                Introspection: authority.Introspection,
                TokensForAnyUser: forAnyUser
            )
        );

    public static MailServer Of(
        DovecotServer dovecot,
        string user,
        AuthMethod auth = AuthMethod.OAuth,
        MailProtocol protocol = MailProtocol.Imap
    ) =>
        new(
            "localhost",
            protocol == MailProtocol.Pop3 ? dovecot.Pop3sPort : dovecot.ImapsPort,
            TlsMode.Implicit,
            user,
            null,
            auth,
            new CertificateTrust(dovecot.Fingerprint, null),
            protocol
        );
}
