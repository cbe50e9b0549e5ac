using Migrator.Core.Discovery;
using Migrator.Core.Jobs;
using Migrator.Core.Providers;

namespace Migrator.Discovery.Finding;

/// <summary>What one source found.</summary>
internal sealed class Findings
{
    private readonly List<DiscoveredServer> _servers = [];
    private readonly List<DiscoveryNote> _notes = [];

    public IReadOnlyList<DiscoveredServer> Servers => _servers;

    public IReadOnlyList<DiscoveryNote> Notes => _notes;

    public void Note(DiscoverySource source, DiscoveryNoteKind kind, string text) => _notes.Add(new DiscoveryNote(source, kind, text));

    public void Add(DiscoveredServer server) => _servers.Add(server);

    /// <param name="user">Null for what the host's provider accepts, else the address.</param>
    /// <param name="known">Null for the provider of the host.</param>
    /// <param name="needsToken">Passwords are not accepted, whatever the provider is.</param>
    public void Add(
        MailboxAddress address,
        MailProtocol protocol,
        string host,
        int port,
        TlsMode tls,
        DiscoverySource source,
        string where,
        string? user = null,
        bool needsToken = false,
        ProviderProfile? known = null
    )
    {
        var certain = ProviderProfiles.OfEndpoint(host, port);
        // Of the host's name alone nothing is proved: customers may have hosts within a provider's domain.
        // And of the endpoint alone, not whose customer it is: Microsoft 365 and Outlook.com share theirs.
        var provider = known ?? ProviderProfiles.OfHost(host) ?? certain;
        var login = provider?.Login switch
        {
            ProviderLogin.Microsoft => DiscoveredLogin.Microsoft,
            ProviderLogin.Google => DiscoveredLogin.Google,
            ProviderLogin.AppPassword => DiscoveredLogin.AppPassword,
            _ => needsToken ? DiscoveredLogin.OAuth : DiscoveredLogin.Password,
        };
        _servers.Add(
            new DiscoveredServer(
                protocol,
                host,
                port,
                tls,
                user ?? (provider?.LoginName == LoginNameForm.LocalPart ? address.LocalPart : address.Text),
                login,
                source,
                where,
                certain is not null ? ServerTrust.Provider
                    : address.Owns(host) ? ServerTrust.Domain
                    : ServerTrust.None
            )
            {
                Provider = provider,
            }
        );
    }

    /// <summary>The servers of a known provider.</summary>
    public void Add(MailboxAddress address, ProviderProfile provider, DiscoverySource source, string where)
    {
        foreach (
            var (protocol, endpoint) in new[] { (MailProtocol.Imap, provider.Imap), (MailProtocol.Pop3, provider.Pop3) }.Where(one =>
                one.Item2 is not null
            )
        )
            Add(
                address,
                protocol,
                endpoint!.Host,
                endpoint.Port,
                endpoint.StartTls ? TlsMode.StartTls : TlsMode.Implicit,
                source,
                where,
                provider.LoginName == LoginNameForm.LocalPart ? address.LocalPart : address.Text,
                known: provider
            );
        if (provider.Setup is { } setup)
            Note(source, DiscoveryNoteKind.Hint, setup);
    }
}
