namespace Migrator.Tests.Fuzzing;

/// <summary>Real time in which every wait is a fiftieth: limits of time hold, pauses are short.</summary>
internal sealed class HurriedClock : TimeProvider
{
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        base.CreateTimer(callback, state, dueTime > TimeSpan.Zero ? dueTime / 50 : dueTime, period);
}
