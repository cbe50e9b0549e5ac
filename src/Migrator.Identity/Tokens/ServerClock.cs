namespace Migrator.Identity.Tokens;

/// <summary>Compares the clocks of servers with this machine's: a wrong one makes tokens and assertions invalid, and servers rarely say
/// so.</summary>
internal sealed class ServerClock(HttpMessageHandler inner, TimeProvider time) : DelegatingHandler(inner)
{
    private long _ahead = long.MinValue;

    public TimeSpan? Ahead => Interlocked.Read(ref _ahead) is var ticks and not long.MinValue ? TimeSpan.FromTicks(ticks) : null;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        if (response.Headers.Date is { } date)
            Interlocked.Exchange(ref _ahead, (date - time.GetUtcNow()).Ticks);
        return response;
    }
}
