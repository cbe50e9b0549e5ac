namespace Migrator.Core.JobRuns;

/// <param name="Lost">Runs that another worker has taken, or that are over: stop at once.</param>
/// <param name="Stop">Runs that are to stop at the next safe point, and why.</param>
/// <param name="Workers">That are alive, this one included.</param>
public sealed record HeartbeatResponse(IReadOnlyList<long> Lost, IReadOnlyList<(long Run, StopCause Cause)> Stop, int Workers);
