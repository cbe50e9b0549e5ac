using Migrator.App.Health;
using Migrator.Core.JobRuns;
using Migrator.Core.Jobs;

namespace Migrator.Service.Telemetry;

/// <summary>How a job stands, over all its mailboxes.</summary>
/// <param name="OldestWaiting">Since when the run that has waited longest could have been taken up; zero where none waits.</param>
/// <param name="Lag">Since the last complete run of the mailbox that has been without one for longest; of one that never had any, since it
/// was first wanted. Null where nothing was ever wanted.</param>
/// <param name="Incomplete">Mailboxes whose present run is over and was not complete.</param>
/// <param name="Proofs">When mailboxes were proved restorable; null where the job has no restore test.</param>
internal sealed record JobMetricsSnapshot(
    string Job,
    int Mailboxes,
    int Waiting,
    int Running,
    TimeSpan OldestWaiting,
    TimeSpan? Lag,
    int Incomplete,
    IReadOnlyList<ArchivedProof>? Proofs
)
{
    /// <summary>Mailboxes that were never proved restorable.</summary>
    public int? Unproved => Proofs?.Count(proof => proof.Proof.Proved is null);

    /// <summary>Mailboxes of which prune keeps everything, because they have lost far more messages than usual.</summary>
    public int? Frozen => Proofs?.Count(proof => proof.Proof.Frozen);

    /// <summary>Since the oldest proof; null where there is none.</summary>
    public TimeSpan? ProofAge(DateTimeOffset now) =>
        Proofs?.Select(proof => proof.Proof.Proved).Min() is { } first
            ? now > first
                ? now - first
                : TimeSpan.Zero
            : null;

    public static JobMetricsSnapshot Of(
        JobDefinition job,
        IReadOnlyList<MailboxStatus> statuses,
        IReadOnlyList<ArchivedProof>? proofs,
        DateTimeOffset now
    )
    {
        // Of mailboxes that the job no longer names, only what is still to do counts.
        var named = job
            .Mailboxes.Select(mailbox => mailbox.Name)
            .Concat(job.InvalidMailboxes.Select(row => row.Name))
            .ToHashSet(StringComparer.Ordinal);
        var current = statuses.Where(status => named.Contains(status.Mailbox)).ToList();
        var waiting = statuses.Where(status => status.State == MailboxRunState.Waiting).ToList();
        return new JobMetricsSnapshot(
            job.Name,
            named.Count,
            waiting.Count,
            statuses.Count(status => status.State == MailboxRunState.Running),
            Age(waiting.Select(status => status.NotBefore > status.Queued ? status.NotBefore : status.Queued)) ?? TimeSpan.Zero,
            Age(current.Select(status => status.LastSuccess ?? status.Queued)),
            current.Count(status => status.State.IsOver() && status.State != MailboxRunState.Complete),
            proofs
        );

        TimeSpan? Age(IEnumerable<DateTimeOffset> since) =>
            since.Select(time => (DateTimeOffset?)time).Min() is { } first ? (now > first ? now - first : TimeSpan.Zero) : null;
    }
}
