using System.Net;
using Microsoft.Extensions.Configuration;
using Migrator.Core.Failures;

namespace Migrator.App.Settings;

/// <summary>The section <c>Discovery</c>: how the mail servers of an address are found.</summary>
/// <param name="DnsServers">Empty for those of the system.</param>
public sealed record DiscoverySettings(IReadOnlyList<IPEndPoint> DnsServers)
{
    private const int DnsPort = 53;

    /// <exception cref="ConfigurationException">Every error.</exception>
    public static DiscoverySettings Read(IConfiguration settings)
    {
        var discovery = new SettingsReader(settings, "Discovery");
        discovery.RejectUnknown("DnsServers");
        var servers = new List<IPEndPoint>();
        foreach (var text in discovery.List("DnsServers", ','))
        {
            if (IPEndPoint.TryParse(text, out var server))
                servers.Add(server.Port == 0 ? new IPEndPoint(server.Address, DnsPort) : server);
            else
                discovery.Wrong(
                    "DnsServers",
                    $"has \"{text}\"; write an IP address, with a port if it is not 53: 192.0.2.53, [2001:db8::53]:5353."
                );
        }
        discovery.ThrowIfWrong();
        return new DiscoverySettings(servers);
    }
}
