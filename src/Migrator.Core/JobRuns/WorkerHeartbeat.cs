namespace Migrator.Core.JobRuns;

/// <param name="Machine">Where it runs, for people.</param>
/// <param name="Runs">What it has in progress.</param>
/// <param name="Messages">Moved since the last beat, by all runs.</param>
/// <param name="Bytes">Likewise.</param>
/// <param name="Lease">From now on.</param>
public sealed record WorkerHeartbeat(
    string Worker,
    string Machine,
    IReadOnlyList<RunHeartbeat> Runs,
    long Messages,
    long Bytes,
    TimeSpan Lease
);
