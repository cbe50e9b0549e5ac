namespace Migrator.Tests.Recovery;

/// <summary>Real time in which every wait is over at once: retries come without their pauses.</summary>
public sealed class ImmediateClock : TimeProvider
{
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        base.CreateTimer(callback, state, dueTime > TimeSpan.Zero ? TimeSpan.FromMilliseconds(1) : dueTime, period);
}
