using Migrator.Core.Discovery;
using Migrator.Core.Jobs;
using Migrator.Discovery.Probing;

namespace Migrator.Discovery.Finding;

/// <summary>Usual names within the domain, if a server with TLS answers there.</summary>
internal sealed class GuessSource(CertificateProbe probe)
{
    private static readonly string[] s_names = ["imap", "mail"];

    public async Task<Findings> FindAsync(MailboxAddress address, CancellationToken stop)
    {
        var guesses = new Findings();
        foreach (var name in s_names)
            guesses.Add(
                address,
                MailProtocol.Imap,
                $"{name}.{address.Domain}",
                993,
                TlsMode.Implicit,
                DiscoverySource.Guess,
                "usual names"
            );
        var certificates = await Task.WhenAll(guesses.Servers.Select(guess => probe.SeeAsync(guess, address.Domain, stop)));
        var found = new Findings();
        foreach (var (guess, certificate) in guesses.Servers.Zip(certificates))
        {
            if (certificate is not null)
                found.Add(guess with { Certificate = certificate });
        }
        if (found.Servers.Count == 0)
            found.Note(
                DiscoverySource.Guess,
                DiscoveryNoteKind.Nothing,
                $"No server answers with TLS at {string.Join(" or ", guesses.Servers.Select(guess => guess.Endpoint))}."
            );
        return found;
    }
}
