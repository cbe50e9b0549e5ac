using System.Threading.RateLimiting;

namespace Migrator.Mail.Pacing;

/// <summary>So many of something in a second, for all who share it. As many may come at once after a pause.</summary>
internal sealed class RateLimit : IDisposable
{
    // A shorter one costs more timers, a longer one comes in bursts.
    private const int PeriodsPerSecond = 10;

    private readonly Lock _lock = new();
    private readonly int _perSecond;
    private TokenBucketRateLimiter _bucket;
    private int _share;

    /// <param name="perSecond">1 or more, of all workers together.</param>
    public RateLimit(int perSecond) => (_perSecond, _share, _bucket) = (perSecond, perSecond, Bucket(perSecond));

    /// <param name="workers">Who share the limit, 1 or more.</param>
    public async ValueTask TakeAsync(int count, int workers, CancellationToken cancellationToken)
    {
        while (count > 0)
        {
            var (bucket, most) = Of(workers);
            var some = Math.Min(count, most);
            try
            {
                using var lease = await bucket.AcquireAsync(some, cancellationToken);
                count -= some;
            }
            catch (ObjectDisposedException)
            {
                // Another number of workers took its place meanwhile.
            }
        }
    }

    public void Dispose() => _bucket.Dispose();

    private (TokenBucketRateLimiter Bucket, int Most) Of(int workers)
    {
        var share = Math.Max(1, _perSecond / workers);
        lock (_lock)
        {
            if (share != _share)
            {
                _bucket.Dispose();
                (_bucket, _share) = (Bucket(share), share);
            }
            return (_bucket, share);
        }
    }

    private static TokenBucketRateLimiter Bucket(int perSecond)
    {
        var tokens = Math.Max(1, perSecond / PeriodsPerSecond);
        return new TokenBucketRateLimiter(
            new TokenBucketRateLimiterOptions
            {
                TokenLimit = perSecond,
                TokensPerPeriod = tokens,
                ReplenishmentPeriod = TimeSpan.FromSeconds((double)tokens / perSecond),
                QueueLimit = int.MaxValue,
                QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
            }
        );
    }
}
