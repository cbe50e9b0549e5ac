using System.Net;
using System.Net.Sockets;
using DnsClient;
using DnsClient.Protocol;

namespace Migrator.Discovery.Dns;

/// <summary>Asks DNS servers. Their answers are not authenticated: anyone between may have written them.</summary>
/// <param name="servers">Empty for those of the system.</param>
internal sealed class DnsQuestions(IReadOnlyList<IPEndPoint> servers)
{
    /// <summary>More of one kind are nobody's configuration.</summary>
    public const int MostRecords = 50;

    private readonly Lazy<LookupClient> _client = new(() => new LookupClient(Options(servers)));

    public Task<DnsAnswer<ServiceTarget>> ServicesAsync(string name, CancellationToken stop) =>
        AskAsync<SrvRecord, ServiceTarget>(
            name,
            QueryType.SRV,
            record => new ServiceTarget(Name(record.Target), record.Port, record.Priority, record.Weight),
            stop
        );

    /// <returns>The most preferred first; the empty name where the domain takes no mail (RFC 7505).</returns>
    public async Task<DnsAnswer<string>> MailExchangersAsync(string domain, CancellationToken stop)
    {
        var answer = await AskAsync<MxRecord, (int Preference, string Host)>(
            domain,
            QueryType.MX,
            record => (record.Preference, Name(record.Exchange)),
            stop
        );
        return new DnsAnswer<string>(
            answer.Outcome,
            [.. answer.Records.OrderBy(record => record.Preference).Select(record => record.Host)],
            answer.Detail
        );
    }

    public Task<DnsAnswer<string>> AliasAsync(string name, CancellationToken stop) =>
        AskAsync<CNameRecord, string>(name, QueryType.CNAME, record => Name(record.CanonicalName), stop);

    public Task<DnsAnswer<string>> TextsAsync(string name, CancellationToken stop) =>
        AskAsync<TxtRecord, string>(name, QueryType.TXT, record => string.Concat(record.Text), stop);

    /// <returns>IPv6 and IPv4; empty where it has none.</returns>
    public async Task<IReadOnlyList<IPAddress>> AddressesAsync(string host, CancellationToken stop)
    {
        var (six, four) = (
            AskAsync<AaaaRecord, IPAddress>(host, QueryType.AAAA, record => record.Address, stop),
            AskAsync<ARecord, IPAddress>(host, QueryType.A, record => record.Address, stop)
        );
        return [.. (await six).Records.Where(_ => Socket.OSSupportsIPv6), .. (await four).Records];
    }

    private async Task<DnsAnswer<T>> AskAsync<TRecord, T>(string name, QueryType type, Func<TRecord, T> read, CancellationToken stop)
        where TRecord : DnsResourceRecord
    {
        try
        {
            // The dot of the root: no search list of the system is tried.
            var response = await _client.Value.QueryAsync(name + ".", type, QueryClass.IN, stop);
            var records = response.Answers.OfType<TRecord>().Take(MostRecords).Select(read).ToList();
            return response.Header.ResponseCode switch
            {
                DnsHeaderResponseCode.NoError when records.Count > 0 => new(DnsOutcome.Answered, records, ""),
                DnsHeaderResponseCode.NoError => new(DnsOutcome.Nothing, [], "there is no such record"),
                DnsHeaderResponseCode.NotExistentDomain => new(DnsOutcome.Nothing, [], "there is no such name"),
                DnsHeaderResponseCode.ServerFailure => Failed("the DNS server failed (SERVFAIL)"),
                var code => Failed($"the DNS server refused to answer ({code})"),
            };
        }
        catch (DnsResponseException exception)
        {
            stop.ThrowIfCancellationRequested();
            return Failed(
                exception.Code == DnsResponseCode.ConnectionTimeout
                    ? "no DNS server answered in time"
                    : $"no DNS server answered ({exception.DnsError})"
            );
        }
        // What a hostile server sends can break the reader anywhere; a reader that fails has read nothing.
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            stop.ThrowIfCancellationRequested();
            return Failed(exception is SocketException ? "no DNS server can be reached" : "the DNS server's answer cannot be read");
        }

        static DnsAnswer<T> Failed(string detail) => new(DnsOutcome.Failed, [], detail);
    }

    private static string Name(DnsString name) => name.Value.TrimEnd('.');

    private static LookupClientOptions Options(IReadOnlyList<IPEndPoint> servers)
    {
        var options = servers.Count == 0 ? new LookupClientOptions() : new LookupClientOptions([.. servers]);
        options.UseCache = false;
        options.Timeout = TimeSpan.FromSeconds(4);
        options.Retries = 1;
        options.UseRandomNameServer = false;
        // What fits without fragments, which others can forge; more comes over TCP.
        options.ExtendedDnsBufferSize = 1232;
        return options;
    }
}
