using System.Net;
using System.Security.Cryptography.X509Certificates;
using Migrator.Core.Discovery;
using Migrator.Core.Jobs;
using Migrator.Discovery.Autoconfig;
using Migrator.Discovery.Dns;
using Migrator.Discovery.Probing;

namespace Migrator.Discovery.Finding;

/// <summary>Asks all sources at the same time, and puts what they say in order.</summary>
public sealed class ServerDiscovery : IServerDiscovery
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(15);

    private readonly DnsQuestions _dns;
    private readonly AutoconfigClient _client;
    private readonly SrvSource _services;
    private readonly AutoconfigSource _autoconfig;
    private readonly ExchangerSource _exchangers;
    private readonly GuessSource _guesses;
    private readonly CertificateProbe _probe;
    private readonly TimeProvider _time;

    /// <param name="dnsServers">Empty for those of the system.</param>
    /// <param name="handler">Through which web servers are reached; null for the system's.</param>
    /// <param name="authorities">Trusted in place of the system's where certificates of mail servers are looked at; null for those.</param>
    public ServerDiscovery(
        IReadOnlyList<IPEndPoint> dnsServers,
        TimeProvider time,
        HttpMessageHandler? handler = null,
        X509Certificate2Collection? authorities = null
    )
    {
        var dns = _dns = new DnsQuestions(dnsServers);
        _time = time;
        // Where the system's DNS is not to be asked, web servers are not found by it either.
        _client = new AutoconfigClient(handler, dnsServers.Count == 0 ? null : dns);
        _probe = new CertificateProbe(authorities);
        _services = new SrvSource(dns);
        _autoconfig = new AutoconfigSource(_client);
        _exchangers = new ExchangerSource(dns, _autoconfig);
        _guesses = new GuessSource(_probe);
    }

    public async Task<DiscoveredServers> FindAsync(MailboxAddress address, bool askDatabase, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(s_limit, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var stop = both.Token;
        List<Findings> found =
        [
            .. (
                await Task.WhenAll(
                    InTimeAsync(DiscoverySource.Srv, async () => [await _services.FindAsync(address, stop)]),
                    InTimeAsync(DiscoverySource.Autoconfig, async () => [await _autoconfig.FindAsync(address, stop)]),
                    InTimeAsync(DiscoverySource.MailExchanger, async () => await _exchangers.FindAsync(address, askDatabase, stop)),
                    askDatabase
                        ? InTimeAsync(
                            DiscoverySource.Database,
                            async () => [await _autoconfig.FindInDatabaseAsync(address.Domain, address, stop)]
                        )
                        : Task.FromResult<IReadOnlyList<Findings>>([])
                )
            ).SelectMany(some => some),
        ];
        if (found.TrueForAll(some => some.Servers.All(server => server.Tls == TlsMode.None || server.Source == DiscoverySource.Spf)))
            found.AddRange(await InTimeAsync(DiscoverySource.Guess, async () => [await _guesses.FindAsync(address, stop)]));
        return DiscoveredServers.Of(address, found.SelectMany(some => some.Servers), [.. found.SelectMany(some => some.Notes).Distinct()]);

        // What the others found is worth having all the same.
        async Task<IReadOnlyList<Findings>> InTimeAsync(DiscoverySource source, Func<Task<IReadOnlyList<Findings>>> find)
        {
            try
            {
                return await find();
            }
            catch (OperationCanceledException)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var late = new Findings();
                late.Note(source, DiscoveryNoteKind.Failed, $"{source.Title()}: no answer within {s_limit.TotalSeconds:0} seconds.");
                return [late];
            }
        }
    }

    public async Task<DiscoveredServer> TryAsync(DiscoveredServer server, MailboxAddress address, CancellationToken cancellationToken)
    {
        var certificate = server.Certificate ?? await _probe.SeeAsync(server, address.Domain, cancellationToken);
        return server with
        {
            Certificate = certificate,
            Trust =
                server.Trust == ServerTrust.None && certificate is { IsTrusted: true, FitsDomain: true }
                    ? ServerTrust.Certificate
                    : server.Trust,
        };
    }

    public async Task<MailExchangers> ExchangersAsync(MailboxAddress address, CancellationToken cancellationToken)
    {
        var answer = await _dns.MailExchangersAsync(address.Domain, cancellationToken);
        return new(
            address.Domain,
            [.. answer.Records.Where(host => host.Length > 0)],
            answer.Outcome != DnsOutcome.Answered ? answer.Detail
                : answer.Records.Contains("") ? "the domain says that it takes no mail"
                : null
        );
    }

    public void Dispose() => _client.Dispose();
}
