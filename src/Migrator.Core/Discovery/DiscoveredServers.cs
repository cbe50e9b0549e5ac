using Migrator.Core.Jobs;

namespace Migrator.Core.Discovery;

/// <summary>All that was found for an address.</summary>
/// <param name="Servers">The best first; what the sources contradict each other in stands side by side.</param>
/// <param name="Notes">What the sources said besides.</param>
public sealed record DiscoveredServers(MailboxAddress Address, IReadOnlyList<DiscoveredServer> Servers, IReadOnlyList<DiscoveryNote> Notes)
{
    /// <summary>Puts them in order: what can be used, IMAP, and what is proved first; then the sources by what they are worth. Each server
    /// has a line for every source that names it, so that one sees who agrees.</summary>
    public static DiscoveredServers Of(MailboxAddress address, IEnumerable<DiscoveredServer> servers, IReadOnlyList<DiscoveryNote> notes) =>
        new(
            address,
            [
                .. servers
                    .DistinctBy(server => (server.Protocol, server.Host, server.Port, server.Tls, server.User, server.Source))
                    .OrderBy(server => server.Tls == TlsMode.None)
                    .ThenBy(server => server.Protocol)
                    .ThenBy(server => !server.IsProven)
                    .ThenBy(server => server.Source)
                    .ThenBy(server => server.Tls),
            ],
            notes
        );

    /// <summary>Some sources did not answer: another try may find more.</summary>
    public bool IsPartial => Notes.Any(note => note.Kind == DiscoveryNoteKind.Failed);

    /// <summary>Only servers were found that nobody named.</summary>
    public bool IsGuessed => Servers.All(server => server.Source is DiscoverySource.Guess or DiscoverySource.Spf);

    /// <param name="toWrite">Mail is to be written to it, which POP3 cannot do.</param>
    /// <returns>The one to use: the best that is proved, else the best. Null where there is none with TLS: a plaintext connection is used
    /// only where a person has written it down.</returns>
    public DiscoveredServer? Best(bool toWrite)
    {
        var usable = Servers.Where(server => server.Tls != TlsMode.None && (!toWrite || server.Protocol == MailProtocol.Imap)).ToList();
        // Of proved ones the first speaks IMAP, where any does.
        return usable.Find(server => server.IsProven) ?? usable.FirstOrDefault();
    }
}
