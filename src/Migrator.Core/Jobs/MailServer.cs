using Migrator.Core.Identity;
using Migrator.Core.Pacing;
using Migrator.Core.Secrets;

namespace Migrator.Core.Jobs;

/// <summary>One user's account on one server, and how to get in.</summary>
/// <param name="Host">DNS name or address.</param>
/// <param name="Port">1 to 65535.</param>
/// <param name="Tls">How the connection is protected.</param>
/// <param name="User">Login name.</param>
/// <param name="Password">Where the password is to be found (of the administrator, if there is one), or an access token; null where neither
/// is needed, or tokens are requested.</param>
/// <param name="Auth">How to log in.</param>
/// <param name="Trust">Which certificates are accepted.</param>
/// <param name="Protocol">How it is spoken to.</param>
public sealed record MailServer(
    string Host,
    int Port,
    TlsMode Tls,
    string User,
    SecretReference? Password,
    AuthMethod Auth,
    CertificateTrust Trust,
    MailProtocol Protocol = MailProtocol.Imap
)
{
    public MailLogin Login =>
        new(
            Protocol switch
            {
                MailProtocol.Pop3 => MailService.Pop3,
                MailProtocol.Smtp => MailService.Submission,
                _ => MailService.Imap,
            },
            User
        );

    /// <summary>How access tokens are obtained; null where the password logs in.</summary>
    public TokenSettings? Tokens { get; init; }

    /// <summary>Name of its <see cref="Providers.ProviderProfile"/>; null to find it out.</summary>
    public string? Provider { get; init; }

    /// <summary>How fast mail is transferred, and how much of it in a day.</summary>
    public MailLimits Limits { get; init; } = MailLimits.None;

    /// <summary>Who logs in on behalf of the user; null for the user.</summary>
    public AdminLogin? Admin { get; init; }

    /// <summary>What it is reached through; null for nothing.</summary>
    public ProxyServer? Proxy { get; init; }

    /// <summary>What this side shows in TLS; null for nothing.</summary>
    public ClientCertificate? ClientCertificate { get; init; }

    /// <summary>Sends the name and version of this program to a server that offers ID (RFC 2971).</summary>
    public bool Identify { get; init; } = true;

    /// <summary>New messages from a server that keeps no flags (POP3) count as read. Otherwise they count as unread.</summary>
    public bool MarkAsRead { get; init; }

    /// <summary>Whether nothing that is sent there leaves this machine. Behind a proxy, no name is that of this machine.</summary>
    public bool StaysLocal => Proxy is null && Loopback.Is(Host);

    /// <summary>Names the account in checkpoints, reports and logs. The port belongs to it: behind tunnels, one host name
    /// stands for several servers.</summary>
    public string Account =>
        $"{(Protocol == MailProtocol.Pop3 ? "pop3" : "imap")}://{Uri.EscapeDataString(User)}@"
        + $"{(Host.Contains(':') ? $"[{Host}]" : Host.ToLowerInvariant())}:{Port}";
}
