using System.Net;
using Microsoft.AspNetCore.Http;
using Migrator.Service.Settings;

namespace Migrator.Service.Dashboard.Security;

/// <summary>By which names this page may be called.</summary>
internal sealed class HostNames(DashboardSettings settings)
{
    /// <summary>Whether it is one of ours. Another one may be that of a stranger's site, which now points to this machine (DNS
    /// rebinding).</summary>
    public bool Contain(HostString host) =>
        settings.Hosts.Contains(host.Host.ToLowerInvariant())
        || (
            !settings.BehindProxy
            && (
                host.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
                || (IPAddress.TryParse(host.Host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address))
            )
        );

    /// <summary>Whether an address can be made with it, as many parts of the framework do. An empty one is valid and names nobody (RFC
    /// 9112, section 3.2).</summary>
    public static bool IsValid(HostString host) =>
        !host.HasValue
        || Uri.TryCreate($"http://{host.Value}/", UriKind.Absolute, out var address) && address is { UserInfo: "", PathAndQuery: "/" };
}
