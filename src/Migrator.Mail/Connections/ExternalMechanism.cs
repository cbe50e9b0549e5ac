using System.Text;
using MailKit.Security;

namespace Migrator.Mail.Connections;

/// <summary>EXTERNAL (RFC 4422, appendix A): the certificate that this side has shown in TLS logs in.</summary>
/// <remarks>The user is always named: a server that takes another one from the certificate refuses then, and does not open a mailbox that
/// nobody asked for.</remarks>
internal sealed class ExternalMechanism(string user) : SaslMechanism(user, "")
{
    public override string MechanismName => "EXTERNAL";

    public override bool SupportsInitialResponse => true;

    protected override byte[] Challenge(byte[]? challenge, int startIndex, int length, CancellationToken cancellationToken) =>
        Encoding.UTF8.GetBytes(Credentials.UserName);
}
