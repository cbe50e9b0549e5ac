using System.Net;

namespace Migrator.Core.Jobs;

/// <summary>Tells what stays on this machine from what crosses a network.</summary>
public static class Loopback
{
    /// <param name="host">A DNS name or an address, with or without the brackets of an IPv6 address.</param>
    /// <returns>Whether only this machine can answer there. Names are not looked up: what they lead to can change.</returns>
    public static bool Is(string host)
    {
        var bare = host.Trim('[', ']').TrimEnd('.');
        return bare.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(bare, out var address) && IPAddress.IsLoopback(address));
    }
}
