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

    // Of the limit: what a process may forget that is killed. Providers lock an account out for bytes that nobody remembers.
    private const int LargestPartUnstored = 100;

    private readonly SemaphoreSlim _using = new(1, 1);
    private DailyTraffic? _traffic;
    private long _read;

    // Transferred and not stored; below 0 where more was stored than transferred.
    private long _pending;

    /// <summary>Counts bytes; they are stored by <see cref="AdmitAsync"/>, before or after that, or <see cref="StoreAsync"/>.</summary>
    public void Count(int bytes) => Interlocked.Add(ref _pending, bytes);

    /// <param name="begins">They are transferred now; else it is only asked whether they could be.</param>
    /// <inheritdoc cref="IPacer.AdmitAsync"/>
    public async ValueTask AdmitAsync(long bytes, bool begins, CancellationToken cancellationToken)
    {
        await _using.WaitAsync(cancellationToken);
        try
        {
            var now = time.GetUtcNow();
            if (_traffic is null || time.GetElapsedTime(_read) >= s_refresh)
                await RefreshAsync(now, cancellationToken);
            if (!Admits())
            {
                // Before anybody waits for hours.
                await RefreshAsync(now, cancellationToken);
                if (!Admits())
                    throw Reached(bytes, now);
            }
            await StoreAheadAsync(begins ? bytes : 0, now, cancellationToken);

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

    /// <summary>Stores what is about to be transferred as if it had been, unless it is little: a process that is killed then has counted
    /// too much, and not too little.</summary>
    private async Task StoreAheadAsync(long bytes, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var unstored = Interlocked.Read(ref _pending) + bytes;
        if (unstored < limit / LargestPartUnstored)
            return;
        await AddAsync(unstored, now, cancellationToken);
        _traffic!.Add(new TrafficSlot(TrafficSlot.At(now), unstored));
    }

    private async Task StorePendingAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        // Below 0, more is stored than was transferred: the rest is on its way, or never comes.
        if (Interlocked.Read(ref _pending) is > 0 and var pending)
            await AddAsync(pending, now, cancellationToken);
    }

    private async Task AddAsync(long bytes, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await store().AddAsync(scope, direction, new TrafficSlot(TrafficSlot.At(now), bytes), cancellationToken);
        Interlocked.Add(ref _pending, -bytes);
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
