namespace Migrator.Discovery.Dns;

/// <summary>A SRV record.</summary>
/// <param name="Host">Without the dot of the root; empty where the service is not offered (RFC 2782).</param>
internal sealed record ServiceTarget(string Host, int Port, int Priority, int Weight);
