namespace Migrator.Core.JobRuns;

/// <param name="At">Where the step begins.</param>
public sealed record Throughput(DateTimeOffset At, long Messages, long Bytes)
{
    public static readonly TimeSpan Step = TimeSpan.FromSeconds(10);
}
