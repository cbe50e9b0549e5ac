namespace Migrator.Identity.Tokens;

/// <summary>Connections with token servers.</summary>
internal sealed class TokenHttp : IDisposable
{
    private readonly ServerClock _clock;

    /// <param name="handler">Through which they are reached; the system's where null.</param>
    public TokenHttp(HttpMessageHandler? handler, TimeProvider time)
    {
        _clock = new ServerClock(
            handler
                ?? new SocketsHttpHandler
                {
                    PooledConnectionLifetime = TimeSpan.FromMinutes(15),
                    // Secrets are for the server that the settings name, and for no other that it names.
                    AllowAutoRedirect = false,
                },
            time
        );
        Client = new HttpClient(_clock)
        {
            Timeout = TimeSpan.FromSeconds(30),
            // No token server says more.
            MaxResponseContentBufferSize = 1 << 20,
        };
    }

    public HttpClient Client { get; }

    /// <summary>How far the clock of the server that answered last is ahead of this machine's; null before any has.</summary>
    public TimeSpan? ClockAhead => _clock.Ahead;

    public void Dispose() => Client.Dispose();
}
