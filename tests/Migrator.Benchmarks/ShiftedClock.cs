namespace Migrator.Benchmarks;

/// <summary>Real time, so many hours later: processes that are given the same shift agree on what time it is.</summary>
internal sealed class ShiftedClock : TimeProvider
{
    public TimeSpan Shift { get; set; }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Shift;
}
