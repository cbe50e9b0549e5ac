namespace Migrator.Core.JobRuns;

/// <param name="Worker">Names the worker, the same from its start to its end, and no other's ever.</param>
/// <param name="AtMost">How many runs it has room for.</param>
/// <param name="Jobs">The jobs that it knows and that may run at this moment, each with how many of its runs may be in progress on all
/// workers; null for any number.</param>
/// <param name="Hosts">How many runs may be at a host at once, over all workers.</param>
/// <param name="Lease">How long the runs are its own without a <see cref="WorkerHeartbeat"/>.</param>
/// <param name="OwnOnly">Nothing but job runs that are for this worker alone.</param>
public sealed record ClaimRequest(
    string Worker,
    int AtMost,
    IReadOnlyDictionary<string, int?> Jobs,
    HostLimits Hosts,
    TimeSpan Lease,
    bool OwnOnly = false
)
{
    /// <summary>The runs that the worker is at, those included that it lost and has not stopped yet: none of them is given to it a second
    /// time. What is its own by the store and not among these, it has let go of.</summary>
    public IReadOnlyCollection<long> Held { get; init; } = [];
}
