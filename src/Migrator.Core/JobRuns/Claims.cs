using Migrator.Core.Failures;
using Migrator.Core.Reports;
using Migrator.Core.Telemetry;

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

/// <param name="Default">For hosts that are not named; 1 or more.</param>
/// <param name="Named">By host, lower case; 1 or more.</param>
public sealed record HostLimits(int Default, IReadOnlyDictionary<string, int> Named)
{
    public int Of(string host) => Named.TryGetValue(host, out var limit) ? limit : Default;
}

/// <param name="Run">Its number.</param>
/// <param name="FencingToken">Raised each time the run is taken: a worker with a lower one has lost it.</param>
/// <param name="Attempt">1 or more.</param>
/// <param name="TakenOver">From a worker whose lease ran out.</param>
public sealed record ClaimedMailboxRun(long Run, long FencingToken, long JobRun, string Job, string Mailbox, int Attempt, bool TakenOver);

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

public sealed record RunHeartbeat(long Run, long FencingToken, RunProgressSnapshot Progress);

/// <summary>How far a run is.</summary>
/// <param name="Phase">In words for a person.</param>
/// <param name="Done">Messages dealt with, one way or another.</param>
/// <param name="Expected">Messages in all; at least <paramref name="Done"/>.</param>
/// <param name="Failed">Of those done, messages that are not where they belong.</param>
/// <param name="Bytes">Moved so far.</param>
/// <param name="Eta">Seconds; null where it is unknown.</param>
public sealed record RunProgressSnapshot(
    string Phase,
    long Done,
    long Expected,
    long Failed,
    long Bytes,
    double MessagesPerSecond,
    double BytesPerSecond,
    double? Eta
)
{
    /// <summary>Seconds since something of this changed last, once that is long ago; null before.</summary>
    public double? StalledFor { get; init; }
}

/// <param name="Lost">Runs that another worker has taken, or that are over: stop at once.</param>
/// <param name="Stop">Runs that are to stop at the next safe point, and why.</param>
public sealed record HeartbeatResponse(IReadOnlyList<long> Lost, IReadOnlyList<(long Run, StopCause Cause)> Stop);

public enum StopCause
{
    /// <summary>A person cancelled it: it ends.</summary>
    Cancelled,

    /// <summary>Its job was paused: it goes back to wait.</summary>
    Paused,
}

/// <summary>What became of a run.</summary>
/// <param name="State">Over; or <see cref="MailboxRunState.Waiting"/> to be taken up again.</param>
/// <param name="Counts">Of what was done.</param>
/// <param name="Failure">What it ended with; null where it ended well.</param>
/// <param name="Report">As JSON, in the shape of the report file; null where there is none.</param>
/// <param name="Wait">With Waiting: not before so long from now.</param>
/// <param name="Spent">With Waiting: whether an attempt was used up. Being stopped uses up none.</param>
public sealed record RunEnd(
    long Run,
    long FencingToken,
    MailboxRunState State,
    MessageCounts Counts,
    Failure? Failure,
    string? Report,
    TimeSpan Wait,
    bool Spent
);
