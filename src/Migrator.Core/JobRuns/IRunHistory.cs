namespace Migrator.Core.JobRuns;

/// <summary>What is known of job runs, of the runs of mailboxes in them, and of workers. It only reads, but for what is too old.</summary>
/// <remarks>The promises are those of <see cref="IRunQueue"/>, with which it shares what it shows.</remarks>
public interface IRunHistory
{
    /// <summary>What time it is for leases, waits and lateness.</summary>
    Task<DateTimeOffset> NowAsync(CancellationToken cancellationToken);

    /// <summary>The present or last run of every mailbox that ever had one and was not forgotten.</summary>
    /// <param name="job">Null for all jobs.</param>
    Task<IReadOnlyList<MailboxStatus>> MailboxesAsync(string? job, CancellationToken cancellationToken);

    /// <summary>Runs that are over, the latest first.</summary>
    Task<IReadOnlyList<MailboxStatus>> HistoryAsync(HistoryQuery query, CancellationToken cancellationToken);

    /// <returns>The run; null where none of this number is recorded.</returns>
    Task<MailboxStatus?> FindAsync(long run, CancellationToken cancellationToken);

    /// <summary>The report of a run as JSON, in the shape of the report file; null where there is none.</summary>
    Task<string?> ReportAsync(long run, CancellationToken cancellationToken);

    /// <summary>Job runs, the latest first.</summary>
    /// <param name="job">Null for all jobs.</param>
    /// <param name="limit">At most so many.</param>
    Task<IReadOnlyList<JobRunStatus>> JobRunsAsync(string? job, int limit, CancellationToken cancellationToken);

    /// <summary>The runs of one job run.</summary>
    Task<IReadOnlyList<MailboxStatus>> RunsOfAsync(long jobRun, CancellationToken cancellationToken);

    /// <summary>The workers that lived at some time during the last day and did not leave.</summary>
    Task<IReadOnlyList<WorkerStatus>> WorkersAsync(CancellationToken cancellationToken);

    /// <summary>How much was moved by all workers, in steps of <see cref="Throughput.Step"/>; steps in which nothing was are left
    /// out.</summary>
    Task<IReadOnlyList<Throughput>> ThroughputAsync(DateTimeOffset since, CancellationToken cancellationToken);

    /// <summary>Removes job runs that ended before a time, and their runs and reports; the last run and the last success time of each
    /// mailbox stay. In steps that are atomic each: the work of others continues in between.</summary>
    Task PurgeAsync(DateTimeOffset before, CancellationToken cancellationToken);
}
