namespace Migrator.Tests.Recovery;

/// <summary>Every wait is over some time after something has happened, and never before.</summary>
internal sealed class SteppingClock(Task happened) : TimeProvider
{
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, period);
        // Long enough for a server that does answer.
        _ = happened.ContinueWith(_ => timer.Change(TimeSpan.FromSeconds(2), period), TaskScheduler.Default);
        return timer;
    }
}
