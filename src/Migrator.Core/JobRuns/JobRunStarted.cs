namespace Migrator.Core.JobRuns;

/// <param name="JobRun">Null where nothing was recorded, because everything still waits or runs, or the job run is there
/// already.</param>
/// <param name="Runs">Recorded.</param>
/// <param name="LeftOut">Mailboxes whose earlier run is not over.</param>
public sealed record JobRunStarted(long? JobRun, int Runs, IReadOnlyList<string> LeftOut);
