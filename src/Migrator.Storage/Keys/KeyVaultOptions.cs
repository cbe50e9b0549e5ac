using Azure.Core;

namespace Migrator.Storage.Keys;

/// <summary>How a vault is spoken to: transport and retries.</summary>
public sealed class KeyVaultOptions : ClientOptions
{
    public KeyVaultOptions()
    {
        // The client's own 100 seconds are long for somebody who waits at a terminal.
        Retry.NetworkTimeout = TimeSpan.FromSeconds(15);
        Diagnostics.IsTelemetryEnabled = false;
    }
}
