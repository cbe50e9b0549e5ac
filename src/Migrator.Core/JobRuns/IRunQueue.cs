namespace Migrator.Core.JobRuns;

/// <summary>Runs of mailboxes that wait or are in progress, and who has them. All workers of an organisation share one.</summary>
/// <remarks>
/// Promises, of every implementation: a call that returned is durable; a call that failed had no effect. Calls are atomic
/// against each other, whichever process they come from. Time is the store's own: the clocks of workers need not agree.
/// A run is held by a lease and a fence: a worker that lost its lease to another can change nothing any more. Secrets never get here.
/// Every failure is a <see cref="JobRunStoreException"/>.
/// </remarks>
public interface IRunQueue
{
    /// <summary>Records a job run, with a waiting run for each mailbox. A mailbox of this job that still waits or runs is
    /// left out: no two runs of one mailbox at once, and none twice. Where a job run of this job is recorded for the same
    /// <see cref="JobRunPlan.ScheduledFor"/>, nothing happens.</summary>
    Task<JobRunStarted> StartAsync(JobRunPlan plan, CancellationToken cancellationToken);

    /// <summary>Takes runs for a worker: those that wait and are due, and those whose holder's lease ran out. Jobs with the fewest
    /// runs in progress come first, then the one that has waited longest. None goes beyond a limit, and none is of a mailbox, at either
    /// end, that another run is at.</summary>
    Task<IReadOnlyList<ClaimedMailboxRun>> ClaimAsync(ClaimRequest request, CancellationToken cancellationToken);

    /// <summary>Says that a worker lives: its leases are renewed and what its runs have done so far is kept.</summary>
    Task<HeartbeatResponse> HeartbeatAsync(WorkerHeartbeat heartbeat, CancellationToken cancellationToken);

    /// <summary>A run is over, or goes back to wait.</summary>
    /// <returns>False where the lease was lost to another worker: nothing was changed.</returns>
    Task<bool> EndAsync(RunEnd end, CancellationToken cancellationToken);

    /// <summary>A worker has stopped in order: <see cref="IRunHistory.WorkersAsync"/> has it no longer. What it still holds, others take
    /// when the leases run out.</summary>
    Task LeaveAsync(string worker, CancellationToken cancellationToken);

    /// <summary>The jobs that are paused.</summary>
    Task<IReadOnlySet<string>> PausedAsync(CancellationToken cancellationToken);

    /// <summary>A job that is paused starts nothing and stops what is in progress at its next safe point; what was stopped waits.</summary>
    Task PauseAsync(string job, bool paused, CancellationToken cancellationToken);

    /// <summary>Ends what waits of a job as <see cref="MailboxRunState.Cancelled"/>, and asks what is in progress to.</summary>
    /// <param name="mailbox">Null for all of the job's.</param>
    /// <returns>How many runs that were.</returns>
    Task<int> CancelAsync(string job, string? mailbox, CancellationToken cancellationToken);

    /// <summary>Ends what waits of a job run as <see cref="MailboxRunState.Cancelled"/>: the command that started it for itself goes
    /// away.</summary>
    Task WithdrawAsync(long jobRun, CancellationToken cancellationToken);

    /// <summary>Of mailboxes that are not wanted any more: ends what waits, and lets go of their last runs, which
    /// <see cref="IRunHistory.MailboxesAsync"/> has no longer and <see cref="IRunHistory.PurgeAsync"/> need not keep. Those that are under
    /// way stay.</summary>
    /// <returns>How many are forgotten.</returns>
    Task<int> ForgetAsync(string job, IReadOnlyCollection<string> mailboxes, CancellationToken cancellationToken);
}
