using Migrator.Core.Jobs;
using Migrator.Core.Providers;

namespace Migrator.Core.Discovery;

/// <summary>One server that an address may belong to.</summary>
/// <param name="Host">As DNS has it.</param>
/// <param name="User">What logs in there.</param>
/// <param name="Login">What the server accepts.</param>
/// <param name="Where">What exactly named it: a record, a URL.</param>
public sealed record DiscoveredServer(
    MailProtocol Protocol,
    string Host,
    int Port,
    TlsMode Tls,
    string User,
    DiscoveredLogin Login,
    DiscoverySource Source,
    string Where,
    ServerTrust Trust
)
{
    /// <summary>Null where the host is of no known provider.</summary>
    public ProviderProfile? Provider { get; init; }

    /// <summary>What the server showed when it was tried; null where it was not.</summary>
    public ServerCertificate? Certificate { get; init; }

    /// <summary>A program may connect without asking a person. A guess never counts as proved: nobody named it.</summary>
    public bool IsProven =>
        Trust != ServerTrust.None && Tls != TlsMode.None && Source is not (DiscoverySource.Guess or DiscoverySource.Spf);

    /// <summary>Such as <c>imap.example.org:993</c>.</summary>
    public string Endpoint => $"{Host}:{Port}";

    /// <summary>What names this account in commands.</summary>
    public string Url
    {
        get
        {
            var scheme = (Protocol, Tls) switch
            {
                (MailProtocol.Pop3, TlsMode.Implicit) => "pop3s",
                (MailProtocol.Pop3, _) => "pop3",
                (_, TlsMode.Implicit) => "imaps",
                _ => "imap",
            };
            var port = Port == MailServerUrl.DefaultPort(Protocol, Tls) ? "" : $":{Port}";
            return $"{scheme}://{Escaped(User)}@{Host}{port}{(Tls == TlsMode.None ? "?tls=none" : "")}";
        }
    }

    // The last @ precedes the host: it can stay, and the URL is easier to read.
    private static string Escaped(string user) => Uri.EscapeDataString(user).Replace("%40", "@", StringComparison.Ordinal);
}
