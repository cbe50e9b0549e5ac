namespace Migrator.Tests.Memory;

/// <summary>A clock that stands still until somebody waits: then it is as much later at once. What recurs never comes: a lease is not
/// renewed, as if its holder were dead or held up.</summary>
public sealed class SteppingClock(DateTimeOffset start) : TimeProvider
{
    private long _ticks = start.UtcTicks;

    /// <summary>What happens while somebody waits.</summary>
    public Func<Task> Meanwhile { get; set; } = () => Task.CompletedTask;

    public override DateTimeOffset GetUtcNow() => new(Interlocked.Read(ref _ticks), TimeSpan.Zero);

    public void Advance(TimeSpan time) => Interlocked.Add(ref _ticks, time.Ticks);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Once();
        if (period == Timeout.InfiniteTimeSpan && dueTime != Timeout.InfiniteTimeSpan)
            _ = PassAsync(timer, () => callback(state), dueTime);
        return timer;
    }

    private async Task PassAsync(Once timer, Action callback, TimeSpan time)
    {
        await Task.Yield();
        await Meanwhile();
        Advance(time);
        if (!timer.Disposed)
            callback();
    }

    private sealed class Once : ITimer
    {
        public bool Disposed { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period) => !Disposed;

        public void Dispose() => Disposed = true;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }
    }
}
