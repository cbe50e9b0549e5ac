namespace Migrator.Identity.Tokens;

/// <summary>Connections with token servers.</summary>
internal static class TokenHttp
{
    /// <param name="handler">Through which they are reached; the system's where null.</param>
    public static HttpClient Create(HttpMessageHandler? handler) =>
        new(handler ?? new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(15) })
        {
            Timeout = TimeSpan.FromSeconds(30),
            // No token server says more.
            MaxResponseContentBufferSize = 1 << 20,
        };
}
