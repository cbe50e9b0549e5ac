namespace Migrator.Core.Providers;

/// <summary>Where a provider takes mail programs. TLS begins with the first byte, unless the port is the one for STARTTLS.</summary>
/// <param name="Host">DNS name.</param>
/// <param name="Port">1 to 65535.</param>
/// <param name="StartTls">The connection begins in plaintext, and TLS is required from then on.</param>
public sealed record ProviderEndpoint(string Host, int Port, bool StartTls = false);
