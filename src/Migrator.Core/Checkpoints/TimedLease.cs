namespace Migrator.Core.Checkpoints;

/// <summary>A hold for a time, renewed again and again.</summary>
/// <param name="what">Is held, for messages.</param>
/// <param name="validity">Of each renewal, counted from before it was asked for; shorter than what was granted, so that clocks that run
/// a little apart do no harm.</param>
public sealed class TimedLease(string what, TimeSpan validity, TimeProvider time) : IMailboxLease, IDisposable
{
    private readonly CancellationTokenSource _lost = new();
    private readonly Lock _turn = new();
    private (long Timestamp, DateTimeOffset Wall) _renewed;

    public CancellationToken Lost => _lost.Token;

    /// <summary>Take it before a renewal is asked for; hand it to <see cref="Renewed"/> once that was granted.</summary>
    public (long Timestamp, DateTimeOffset Wall) Mark() => (time.GetTimestamp(), time.GetUtcNow());

    public void Renewed((long Timestamp, DateTimeOffset Wall) mark)
    {
        lock (_turn)
            _renewed = mark;
    }

    /// <summary>Whether it still holds, by this machine's clocks.</summary>
    public bool IsHeld
    {
        get
        {
            lock (_turn)
            {
                // A suspended machine stops one of the two clocks, an administrator turns the other: the one that has gone further counts.
                var (monotonic, wall) = (time.GetElapsedTime(_renewed.Timestamp), time.GetUtcNow() - _renewed.Wall);
                return !_lost.IsCancellationRequested && (monotonic > wall ? monotonic : wall) < validity;
            }
        }
    }

    public void ThrowIfLost()
    {
        if (!IsHeld)
            throw new LeaseLostException($"{what}: this worker sent no heartbeat for so long that another may have taken over.");
    }

    /// <summary>For good.</summary>
    public void Lose() => _lost.Cancel();

    public void Dispose() => _lost.Dispose();
}
