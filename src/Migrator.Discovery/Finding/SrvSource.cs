using Migrator.Core.Discovery;
using Migrator.Core.Jobs;
using Migrator.Discovery.Dns;

namespace Migrator.Discovery.Finding;

/// <summary>SRV records (RFC 6186, and RFC 8314 for TLS from the first byte).</summary>
internal sealed class SrvSource(DnsQuestions dns)
{
    private const int MostTargets = 5;

    private static readonly (string Service, MailProtocol Protocol, TlsMode Tls)[] s_services =
    [
        ("_imaps._tcp", MailProtocol.Imap, TlsMode.Implicit),
        ("_imap._tcp", MailProtocol.Imap, TlsMode.StartTls),
        ("_pop3s._tcp", MailProtocol.Pop3, TlsMode.Implicit),
        ("_pop3._tcp", MailProtocol.Pop3, TlsMode.StartTls),
    ];

    public async Task<Findings> FindAsync(MailboxAddress address, CancellationToken stop)
    {
        var found = new Findings();
        var answers = await Task.WhenAll(s_services.Select(service => dns.ServicesAsync($"{service.Service}.{address.Domain}", stop)));
        foreach (var ((service, protocol, tls), answer) in s_services.Zip(answers))
        {
            var name = $"{service}.{address.Domain}";
            if (answer.Outcome == DnsOutcome.Failed)
                found.Note(DiscoverySource.Srv, DiscoveryNoteKind.Failed, $"{name}: {answer.Detail}.");
            foreach (var target in WeightedOrder.Of(answer.Records, Random.Shared).Take(MostTargets))
            {
                if (target.Host.Length == 0)
                    found.Note(DiscoverySource.Srv, DiscoveryNoteKind.Hint, $"{name}: {address.Domain} says that it does not offer this.");
                else if (target.Port == 0 || MailboxAddress.ToAscii(target.Host) is not { } host)
                    found.Note(DiscoverySource.Srv, DiscoveryNoteKind.Refused, $"{name}: the record names no valid host and port.");
                else
                    found.Add(address, protocol, host, target.Port, tls, DiscoverySource.Srv, name);
            }
        }
        if (answers.All(answer => answer.Outcome == DnsOutcome.Nothing))
            found.Note(DiscoverySource.Srv, DiscoveryNoteKind.Nothing, $"{address.Domain} has no SRV records for IMAP or POP3.");
        return found;
    }
}
