namespace Migrator.Identity.Tokens;

/// <summary>Connections with token servers.</summary>
internal static class TokenHttp
{
    /// <param name="handler">Through which they are reached; the system's where null.</param>
    public static HttpClient Create(HttpMessageHandler? handler) =>
        new(
            handler
                ?? new SocketsHttpHandler
                {
                    PooledConnectionLifetime = TimeSpan.FromMinutes(15),
                    // Secrets are for the server that the settings name, and for no other that it names.
                    AllowAutoRedirect = false,
                }
        )
        {
            Timeout = TimeSpan.FromSeconds(30),
            // No token server says more.
            MaxResponseContentBufferSize = 1 << 20,
        };
}
