namespace Migrator.Core.JobRuns;

/// <param name="Run">Its number.</param>
/// <param name="FencingToken">Raised each time the run is taken: a worker with a lower one has lost it.</param>
/// <param name="Attempt">1 or more.</param>
/// <param name="TakenOver">From a worker whose lease ran out.</param>
public sealed record ClaimedMailboxRun(long Run, long FencingToken, long JobRun, string Job, string Mailbox, int Attempt, bool TakenOver);
