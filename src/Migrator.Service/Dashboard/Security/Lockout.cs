using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;
using Microsoft.Extensions.Logging;

namespace Migrator.Service.Dashboard.Security;

/// <summary>Refuses logins from an address after too many failed ones, whatever the way of logging in. Nobody else is affected.</summary>
internal sealed class Lockout(ILogger<Lockout> log) : IDisposable
{
    public const int FailuresAMinute = 10;

    // What one customer of a provider has: a guesser could take each attempt from another address of it.
    private const int BytesOfNetwork = 8;

    private readonly PartitionedRateLimiter<string> _failures = PartitionedRateLimiter.Create<string, string>(from =>
        RateLimitPartition.GetFixedWindowLimiter(
            from,
            _ => new FixedWindowRateLimiterOptions
            {
                PermitLimit = FailuresAMinute,
                Window = TimeSpan.FromMinutes(1),
                QueueLimit = 0,
            }
        )
    );

    /// <param name="from">The address of the client, as far as trusted proxies tell it; null for a local socket.</param>
    public bool IsLocked(IPAddress? from) => IsLocked(Source(from));

    /// <returns>Whether it was one too many: the address is locked out from now on.</returns>
    public bool Failed(IPAddress? from)
    {
        var source = Source(from);
        using var counted = _failures.AttemptAcquire(source);
        if (!counted.IsAcquired || !IsLocked(source))
            return false;
        log.LockedOut(source, FailuresAMinute);
        return true;
    }

    public void Dispose() => _failures.Dispose();

    private bool IsLocked(string source)
    {
        using var free = _failures.AttemptAcquire(source, 0);
        return !free.IsAcquired;
    }

    /// <summary>An IPv4 address, also one in IPv6 notation, or the /64 of an IPv6 address.</summary>
    private static string Source(IPAddress? from)
    {
        if (from is null)
            return "a local socket";
        if (from.IsIPv4MappedToIPv6)
            from = from.MapToIPv4();
        if (from.AddressFamily != AddressFamily.InterNetworkV6)
            return from.ToString();
        var bytes = from.GetAddressBytes();
        bytes.AsSpan(BytesOfNetwork).Clear();
        return $"{new IPAddress(bytes)}/64";
    }
}
