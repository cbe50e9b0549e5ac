namespace Migrator.Core.JobRuns;

/// <param name="Alive">Its last beat is less than a minute old.</param>
/// <param name="Running">Runs in progress.</param>
public sealed record WorkerStatus(
    string Worker,
    string Machine,
    DateTimeOffset Started,
    DateTimeOffset LastHeartbeat,
    bool Alive,
    int Running
);
