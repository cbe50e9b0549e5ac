using System.Security.Cryptography.X509Certificates;
using Migrator.App.Formatting;

namespace Migrator.Tests.Servers;

/// <param name="Separator">Hierarchy delimiter.</param>
/// <param name="Prefix">Personal namespace prefix, such as <c>INBOX.</c>.</param>
/// <param name="Hidden">Capabilities that the server does not announce.</param>
/// <param name="QuotaMessages">Messages a user may have; 0 for any number.</param>
/// <param name="QuotaStorage">Bytes a user may have, announced by QUOTA; 0 for any number.</param>
/// <param name="MaxMailSize">Bytes a message may have; 0 for any number.</param>
/// <param name="Certificate">Null for a self-signed one for localhost.</param>
/// <param name="Mechanisms">SASL mechanisms offered.</param>
/// <param name="AnnounceAppendLimit">Announce <see cref="MaxMailSize"/> as APPENDLIMIT.</param>
/// <param name="Format">How mail is stored.</param>
/// <param name="UidlFormat">What POP3 calls a message: <c>%v</c>, UIDVALIDITY alone, is the same for all of them.</param>
/// <param name="UserPassword">Of every user.</param>
/// <param name="Namespaces">Further namespaces, as Dovecot's configuration has them.</param>
/// <param name="Introspection">Tells whom an access token is for; null where no tokens are accepted.</param>
/// <param name="TokensForAnyUser">A token for "any" opens every mailbox.</param>
/// <param name="Users">Who has a mailbox; null for anybody.</param>
/// <param name="MasterPassword">Of <see cref="DovecotServer.Master"/>, who opens all mailboxes; null for nobody.</param>
/// <param name="Acl">Folders have access control lists (RFC 4314).</param>
/// <param name="AclForAnyone">Rights may be given to anyone.</param>
/// <param name="ClientAuthority">Issues the certificates that clients must show; null where they need none.</param>
public sealed record DovecotOptions(
    char Separator = '/',
    string Prefix = "",
    IReadOnlyList<string>? Hidden = null,
    int QuotaMessages = 0,
    int MaxMailSize = 0,
    int QuotaStorage = 0,
    X509Certificate2? Certificate = null,
    string Mechanisms = "plain login cram-md5 scram-sha-1 scram-sha-256",
    bool AnnounceAppendLimit = false,
    string Format = "maildir",
    string UidlFormat = "%08Xu%08Xv",
    string UserPassword = DovecotServer.Password,
    string Namespaces = "",
    Uri? Introspection = null,
    bool TokensForAnyUser = false,
    IReadOnlyList<string>? Users = null,
    string? MasterPassword = null,
    bool Acl = false,
    bool AclForAnyone = false,
    X509Certificate2? ClientAuthority = null
);
