using Migrator.App.Jobs;
using Migrator.Core.Auditing;
using Migrator.Core.JobRuns;
using Migrator.Core.Jobs;
using Migrator.Core.Migrations;

namespace Migrator.App.Execution;

/// <summary>What a person can do to jobs, from the command line and from the dashboard alike. Each act is recorded before it is
/// done.</summary>
public sealed class JobControl(JobCatalogue catalogue, IRunQueue queue, IRunHistory history)
{
    private const int MostNames = 20;

    /// <summary>Starts a job run of a job.</summary>
    /// <param name="by">Records it, with who it is.</param>
    /// <param name="job">Its name.</param>
    /// <param name="only">Which mailboxes; null for all.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="UnknownJobException">There is no such job.</exception>
    public Task<JobRunStarted> TriggerAsync(
        Auditor by,
        string job,
        IReadOnlyCollection<string>? only,
        CancellationToken cancellationToken
    ) =>
        by.ActAsync(
            AuditEvent.JobTriggered,
            Named(job, only),
            () =>
                queue.StartInstrumentedAsync(
                    JobRunPlanner.Of(
                        Find(job),
                        only is null ? JobRunTrigger.Manual : JobRunTrigger.Retry,
                        null,
                        null,
                        only is null ? null : only.Contains
                    ),
                    cancellationToken
                ),
            Started
        );

    /// <summary>Starts a job run of the mailboxes of a job whose last run was not complete, without those whose row has errors.</summary>
    /// <param name="by">Records it, with who it is.</param>
    /// <param name="job">Its name.</param>
    /// <param name="only">Which of them; null for all.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="UnknownJobException">There is no such job.</exception>
    public Task<JobRunStarted> RetryFailedAsync(
        Auditor by,
        string job,
        IReadOnlyCollection<string>? only,
        CancellationToken cancellationToken
    ) =>
        by.ActAsync(
            AuditEvent.JobRetried,
            Named(job, only),
            async () =>
            {
                var definition = Find(job);
                var failed = (await history.MailboxesAsync(job, cancellationToken))
                    .Where(mailbox => mailbox.State.NeedsRerun() && only?.Contains(mailbox.Mailbox) != false)
                    .Select(mailbox => mailbox.Mailbox)
                    .ToHashSet();
                failed.ExceptWith(definition.InvalidMailboxes.Select(row => row.Name)); // They would only fail again.
                return await queue.StartInstrumentedAsync(
                    JobRunPlanner.Of(definition, JobRunTrigger.Retry, null, null, failed.Contains),
                    cancellationToken
                );
            },
            Started
        );

    /// <param name="by">Records it, with who it is.</param>
    /// <param name="job">Its name; its file need no longer be there, nor be sound: workers that read it earlier continue with it.</param>
    /// <param name="paused">False to let it continue.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="UnknownJobException">There is no such job, and there never was.</exception>
    public Task PauseAsync(Auditor by, string job, bool paused, CancellationToken cancellationToken) =>
        by.ActAsync(
            paused ? AuditEvent.JobPaused : AuditEvent.JobResumed,
            Named(job, null),
            async () =>
            {
                await EnsureJobExistsAsync(job, cancellationToken);
                await queue.PauseAsync(job, paused, cancellationToken);
            }
        );

    /// <exception cref="UnknownJobException">No job file names it, and nothing is recorded of it.</exception>
    public async Task EnsureJobExistsAsync(string job, CancellationToken cancellationToken)
    {
        if (
            catalogue.Find(job) is null
            && !(await queue.PausedAsync(cancellationToken)).Contains(job)
            && (await history.MailboxesAsync(job, cancellationToken)).Count == 0
        )
            throw new UnknownJobException(job, catalogue);
    }

    /// <param name="by">Records it, with who it is.</param>
    /// <param name="job">Its name; it need no longer be there.</param>
    /// <param name="mailbox">Null for all of them.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>How many runs were ended, or asked to end.</returns>
    /// <exception cref="JobControlException">There is no such job, or no such mailbox in it.</exception>
    public Task<int> CancelAsync(Auditor by, string job, string? mailbox, CancellationToken cancellationToken) =>
        by.ActAsync(
            AuditEvent.JobCancelled,
            Named(job, mailbox is null ? null : [mailbox]),
            async () =>
            {
                var ended = await queue.CancelAsync(job, mailbox, cancellationToken);
                if (ended > 0)
                    return ended;
                // Anyone who mistypes a name must not believe that it is stopped.
                await EnsureJobExistsAsync(job, cancellationToken);
                if (
                    mailbox is not null
                    && catalogue.Find(job)?.Names.Contains(mailbox) != true
                    && !(await history.MailboxesAsync(job, cancellationToken)).Any(status => status.Mailbox == mailbox)
                )
                    throw new JobControlException($"{job} has no mailbox \"{mailbox}\". \"migrator status {job}\" lists its mailboxes.");
                return 0;
            },
            ended => (AuditOutcome.Done, $"{ended} runs")
        );

    /// <summary>Lets go of what is recorded of mailboxes that no job file names any more. Their job runs and reports stay in the
    /// history.</summary>
    /// <param name="by">Records it, with who it is.</param>
    /// <param name="job">Its name; it need no longer be there.</param>
    /// <param name="mailbox">Null for all that are gone.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="JobControlException">It is wanted, or may be, or is in progress.</exception>
    public Task<int> ForgetAsync(Auditor by, string job, string? mailbox, CancellationToken cancellationToken) =>
        by.ActAsync(
            AuditEvent.JobForgotten,
            Named(job, mailbox is null ? null : [mailbox]),
            async () =>
            {
                var wanted = catalogue.Wanted(job) ?? throw CannotTell(job);
                if (mailbox is not null && wanted.Contains(mailbox))
                    throw new JobControlException($"{mailbox} is still in the job file of {job}. Remove it there first.");
                var gone = (await history.MailboxesAsync(job, cancellationToken))
                    .Where(status => mailbox is null ? !wanted.Contains(status.Mailbox) : status.Mailbox == mailbox)
                    .ToList();
                if (gone.Find(status => status.State == MailboxRunState.Running) is { } running)
                    throw new JobControlException($"{running.Mailbox} of {job} is running. Cancel it first, or wait until it ends.");
                if (mailbox is null && catalogue.Find(job) is null)
                    await queue.PauseAsync(job, false, cancellationToken);
                return await queue.ForgetAsync(job, [.. gone.Select(status => status.Mailbox)], cancellationToken);
            },
            forgotten => (AuditOutcome.Done, $"{forgotten} mailboxes")
        );

    private JobControlException CannotTell(string job)
    {
        var cause = catalogue.MayBeOf(job) is { } broken
            ? $"{broken.File} cannot be read, and may define it. Correct it or remove it first"
            : "the jobs directory cannot be read. Say where it is, with --set JobsDirectory=DIR";
        return new($"It is unknown whether {job} is gone: {cause} (\"migrator jobs list\" says what is wrong).");
    }

    private static (string, string?) Started(JobRunStarted started) =>
        (AuditOutcome.Done, started.JobRun is { } jobRun ? $"job run {jobRun}, {started.Runs} mailboxes" : "nothing to start");

    private static AuditSubject Named(string job, IReadOnlyCollection<string>? mailboxes) =>
        AuditSubject.Of(
            ("job", job),
            (
                "mailbox",
                mailboxes is null
                    ? null
                    : string.Join(", ", mailboxes.Take(MostNames))
                        + (mailboxes.Count > MostNames ? $" and {mailboxes.Count - MostNames} more" : "")
            )
        );

    private JobDefinition Find(string job) => catalogue.Find(job) ?? throw new UnknownJobException(job, catalogue);
}
