using Migrator.Core.Secrets;

namespace Migrator.Core.Jobs;

/// <summary>What a server is reached through. It looks up the name of the server.</summary>
/// <param name="User">Login name at the proxy; empty where it needs none.</param>
/// <param name="Password">Where the password for the proxy is to be found; null where it needs none.</param>
public sealed record ProxyServer(ProxyKind Kind, string Host, int Port, string User, SecretReference? Password)
{
    /// <summary>For people: without user and password.</summary>
    public override string ToString() =>
        $"{(Kind == ProxyKind.Socks5 ? "socks5" : "http")}://{(Host.Contains(':') ? $"[{Host}]" : Host)}:{Port}";
}
