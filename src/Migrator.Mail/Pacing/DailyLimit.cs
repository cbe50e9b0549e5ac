using Migrator.Core.Failures;
using Migrator.Core.Pacing;

namespace Migrator.Mail.Pacing;

/// <summary>So many bytes of one account or host, in one direction, in 24 hours: those that other runs, other workers and earlier
/// processes transferred included.</summary>
/// <param name="scope">An account or a host.</param>
/// <param name="limit">Bytes, 1 or more.</param>
internal sealed class DailyLimit(string scope, TransferDirection direction, long limit, Func<ITrafficStore> store, TimeProvider time)
    : IDisposable
{
    // More often, the store would be asked for each message; more rarely, other workers would not be noticed.
    private static readonly TimeSpan s_refresh = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _using = new(1, 1);
    private DailyTraffic? _traffic;
    private long _read;
    private long _pending;

    /// <summary>Counts bytes; they are stored by <see cref="AdmitAsync"/> or <see cref="StoreAsync"/>.</summary>
    public void Count(int bytes) => Interlocked.Add(ref _pending, bytes);

    /// <inheritdoc cref="IPacer.AdmitAsync"/>
    public async ValueTask AdmitAsync(long bytes, CancellationToken cancellationToken)
    {
        await _using.WaitAsync(cancellationToken);
        try
        {
            var now = time.GetUtcNow();
            if (_traffic is null || time.GetElapsedTime(_read) >= s_refresh)
                await RefreshAsync(now, cancellationToken);
            if (Admits())
                return;
            // Before anybody waits for hours.
            await RefreshAsync(now, cancellationToken);
            if (!Admits())
                throw Reached(bytes, now);

            bool Admits() => _traffic!.Admits(bytes, limit, now, Interlocked.Read(ref _pending));
        }
        finally
        {
            _using.Release();
        }
    }

    /// <summary>Stores what was counted.</summary>
    public async Task StoreAsync(CancellationToken cancellationToken)
    {
        await _using.WaitAsync(cancellationToken);
        try
        {
            await StorePendingAsync(time.GetUtcNow(), cancellationToken);
        }
        finally
        {
            _using.Release();
        }
    }

    /// <inheritdoc cref="DailyTraffic.Forecast"/>
    public async Task<DateTimeOffset> ForecastAsync(long bytes, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        return new DailyTraffic(await store().ReadAsync(scope, direction, now, cancellationToken)).Forecast(bytes, limit, now);
    }

    public void Dispose() => _using.Dispose();

    private async Task RefreshAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        await StorePendingAsync(now, cancellationToken);
        _traffic = new DailyTraffic(await store().ReadAsync(scope, direction, now, cancellationToken));
        _read = time.GetTimestamp();
    }

    private async Task StorePendingAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var bytes = Interlocked.Exchange(ref _pending, 0);
        if (bytes == 0)
            return;
        try
        {
            await store().AddAsync(scope, direction, new TrafficSlot(TrafficSlot.At(now), bytes), cancellationToken);
        }
        catch
        {
            Interlocked.Add(ref _pending, bytes);
            throw;
        }
    }

    private MailException Reached(long bytes, DateTimeOffset now)
    {
        var next = _traffic!.NextStart(bytes, limit, now);
        return new MailException(
            Reason.DailyLimit,
            $"{scope}: {_traffic.Used(now):N0} bytes were {(direction == TransferDirection.Download ? "received" : "sent")} in the last "
                + $"24 hours, and {limit:N0} are the limit."
        )
        {
            RetryAfter = next > now ? next - now : TrafficSlot.Length,
        };
    }
}
