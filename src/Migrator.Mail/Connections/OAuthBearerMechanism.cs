using System.Text;
using MailKit.Security;
using Migrator.Core.Jobs;

namespace Migrator.Mail.Connections;

/// <summary>OAUTHBEARER (RFC 7628, section 3.1). MailKit's takes host and port from a client of MailKit: it fails without one, as in POP3,
/// and otherwise sends port -1.</summary>
internal sealed class OAuthBearerMechanism(MailServer server, string token) : SaslMechanism(server.User, token)
{
    private bool _sent;

    public override string MechanismName => "OAUTHBEARER";

    public override bool SupportsInitialResponse => true;

    public override void Reset()
    {
        _sent = false;
        base.Reset();
    }

    protected override byte[] Challenge(byte[]? challenge, int startIndex, int length, CancellationToken cancellationToken)
    {
        // The server says why it refuses, and waits until that was read (section 3.2.3).
        if (_sent)
            return [1];
        _sent = true;
        var user = server.User.Replace("=", "=3D", StringComparison.Ordinal).Replace(",", "=2C", StringComparison.Ordinal);
        return Encoding.UTF8.GetBytes(
            $"n,a={user},\u0001host={server.Host}\u0001port={server.Port}\u0001auth=Bearer {Credentials.Password}\u0001\u0001"
        );
    }
}
