namespace Migrator.Mail.Connections;

/// <summary>Secrets that a connection needs before anybody logs in.</summary>
/// <param name="Proxy">Password for the proxy; null where it needs none.</param>
/// <param name="Certificate">Password of the file with the certificate of this side; null where it has none.</param>
public sealed record ConnectionSecrets(string? Proxy, string? Certificate)
{
    /// <summary>For a server that needs none of them.</summary>
    public static ConnectionSecrets None { get; } = new(null, null);
}
