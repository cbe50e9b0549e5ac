using Migrator.Core.Failures;

namespace Migrator.Core.Rounds;

/// <summary>The rounds of all jobs, with the run of each mailbox in them: what waits, what is under way on which worker, and
/// what became of what is over. All workers of an organisation share one.</summary>
/// <remarks>
/// Promises, of every implementation: a call that returned is durable; a call that failed had no effect. Calls are atomic
/// against each other, whichever process they come from. Time is the store's own: the clocks of workers need not agree. A run is
/// held by a lease and a fence: whoever lost its lease to another can change nothing any more. Secrets never get here.
/// Every failure is a <see cref="RoundStoreException"/>.
/// </remarks>
public interface IRoundStore : IAsyncDisposable
{
    /// <summary>What time it is for leases, waits and lateness.</summary>
    Task<DateTimeOffset> NowAsync(CancellationToken cancellationToken);

    /// <summary>Puts a round on record, with a waiting run for each mailbox. A mailbox of this job that still waits or runs is
    /// left out: no two runs of one mailbox at once, and none twice. Where a round of this job is on record for the same
    /// <see cref="RoundPlan.ScheduledFor"/>, nothing happens.</summary>
    Task<RoundStarted> StartAsync(RoundPlan plan, CancellationToken cancellationToken);

    /// <summary>Takes runs for a worker: those that wait and are due, and those whose holder's lease ran out. Jobs with the fewest
    /// runs under way come first, then whoever has waited longest. None goes beyond a limit, and none is of a mailbox, at either
    /// end, that another run is at.</summary>
    Task<IReadOnlyList<ClaimedRun>> ClaimAsync(ClaimRequest request, CancellationToken cancellationToken);

    /// <summary>Says that a worker lives: its leases are renewed and what its runs have done so far is kept.</summary>
    Task<BeatAnswer> BeatAsync(WorkerBeat beat, CancellationToken cancellationToken);

    /// <summary>A worker has stopped in order: <see cref="WorkersAsync"/> has it no longer. What it still holds, others take when the leases run out.</summary>
    Task LeaveAsync(string worker, CancellationToken cancellationToken);

    /// <summary>A run is over, or goes back to wait.</summary>
    /// <returns>False where the lease was lost to another worker: nothing was changed.</returns>
    Task<bool> EndAsync(RunEnd end, CancellationToken cancellationToken);

    /// <summary>A job that is paused starts nothing and stops what is under way at its next safe point; what was stopped waits.</summary>
    Task PauseAsync(string job, bool paused, CancellationToken cancellationToken);

    /// <summary>Ends what waits of a job as <see cref="MailboxRunState.Cancelled"/>, and asks what is under way to.</summary>
    /// <param name="mailbox">Null for all of the job's.</param>
    /// <returns>How many runs that were.</returns>
    Task<int> CancelAsync(string job, string? mailbox, CancellationToken cancellationToken);

    /// <summary>Ends what waits of a round as <see cref="MailboxRunState.Cancelled"/>: whoever started it for itself goes away.</summary>
    Task WithdrawAsync(long round, CancellationToken cancellationToken);

    /// <summary>Of mailboxes that are not wanted any more: ends what waits, and lets go of their last runs, which <see cref="MailboxesAsync"/> has
    /// no longer and <see cref="PurgeAsync"/> need not keep. Those that are under way stay.</summary>
    /// <returns>How many are forgotten.</returns>
    Task<int> ForgetAsync(string job, IReadOnlyCollection<string> mailboxes, CancellationToken cancellationToken);

    /// <summary>The jobs that are paused.</summary>
    Task<IReadOnlySet<string>> PausedAsync(CancellationToken cancellationToken);

    /// <summary>The present or last run of every mailbox that ever had one and was not forgotten.</summary>
    /// <param name="job">Null for all jobs.</param>
    Task<IReadOnlyList<MailboxStatus>> MailboxesAsync(string? job, CancellationToken cancellationToken);

    /// <summary>Runs that are over, the latest first.</summary>
    Task<IReadOnlyList<MailboxStatus>> HistoryAsync(HistoryQuery query, CancellationToken cancellationToken);

    /// <returns>The run; null where none of this number is on record.</returns>
    Task<MailboxStatus?> FindAsync(long run, CancellationToken cancellationToken);

    /// <summary>The report of a run as JSON, in the shape of the report file; null where there is none.</summary>
    Task<string?> ReportAsync(long run, CancellationToken cancellationToken);

    /// <summary>Rounds, the latest first.</summary>
    /// <param name="job">Null for all jobs.</param>
    /// <param name="limit">At most so many.</param>
    Task<IReadOnlyList<RoundStatus>> RoundsAsync(string? job, int limit, CancellationToken cancellationToken);

    /// <summary>The runs of one round.</summary>
    Task<IReadOnlyList<MailboxStatus>> RunsOfAsync(long round, CancellationToken cancellationToken);

    /// <summary>The workers that lived at some time during the last day and did not leave.</summary>
    Task<IReadOnlyList<WorkerStatus>> WorkersAsync(CancellationToken cancellationToken);

    /// <summary>How much was moved by all workers, in steps of <see cref="Throughput.Step"/>; steps in which nothing was are left out.</summary>
    Task<IReadOnlyList<Throughput>> ThroughputAsync(DateTimeOffset since, CancellationToken cancellationToken);

    /// <summary>Takes a round that is over and of which nobody was told yet, so that one worker tells it. It is another's again where
    /// it is not <see cref="ToldAsync"/> in time.</summary>
    Task<RoundStatus?> ClaimTellingAsync(TimeSpan lease, CancellationToken cancellationToken);

    /// <summary>The round was told of.</summary>
    Task ToldAsync(long round, CancellationToken cancellationToken);

    /// <summary>Takes what is to be done once, by whichever worker. It is another's again where it is not <see cref="DoneAsync"/> in
    /// time.</summary>
    /// <param name="keys">Each names a thing to be done.</param>
    /// <returns>Those of them that are neither done nor another's now.</returns>
    Task<IReadOnlyList<string>> TakeAsync(IReadOnlyCollection<string> keys, TimeSpan lease, CancellationToken cancellationToken);

    /// <summary>What was taken is done, for ever.</summary>
    Task DoneAsync(IReadOnlyCollection<string> keys, CancellationToken cancellationToken);

    /// <summary>Removes rounds that ended before a time, and their runs and reports; the last run and the last good time of each mailbox
    /// stay. In steps that are atomic each: the work of others goes on in between.</summary>
    Task PurgeAsync(DateTimeOffset before, CancellationToken cancellationToken);
}

/// <summary>The store cannot do what was asked; the message says why and what to do.</summary>
public sealed class RoundStoreException(string message, Exception? inner = null) : MigratorException(Reason.RunStoreFailed, message, inner);
