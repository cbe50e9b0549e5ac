using Migrator.Core.JobRuns;
using Migrator.Core.Jobs;

namespace Migrator.App.Health;

/// <summary>Decides which mailboxes of a job did not run well for longer than they should.</summary>
/// <param name="usual">The usual distance between two job runs of a job by its schedule; null where it has none, or runs only once.</param>
public sealed class OverduePolicy(Func<JobDefinition, TimeSpan?> usual)
{
    // One job run may fail and the next one fix it.
    private const int JobRuns = 2;

    /// <summary>Knows intervals only: where nothing reads cron expressions.</summary>
    public static readonly OverduePolicy BySimpleSchedules = new(job => job.Schedule?.Every);

    /// <summary>After how long without a complete run a mailbox of this job is overdue; null for never.</summary>
    public TimeSpan? Limit(JobDefinition job) => job.Policy.OverdueAfter ?? (job.Schedule is null ? null : usual(job) * JobRuns);

    /// <summary>Of a job that is not paused.</summary>
    /// <param name="statuses">Of the job. A mailbox that is not among them never had a chance, and is not late.</param>
    /// <param name="earlier">Runs that are over, of mailboxes that never had a good one: since the first of them it is wanted. May be
    /// empty.</param>
    /// <param name="now">By the store's clock.</param>
    /// <returns>The one that has been overdue for longest comes first.</returns>
    public IReadOnlyList<OverdueMailbox> Of(
        JobDefinition job,
        IReadOnlyList<MailboxStatus> statuses,
        IReadOnlyList<MailboxStatus> earlier,
        DateTimeOffset now
    )
    {
        if (Limit(job) is not { } limit)
            return [];
        var named = job.Names;
        var first = earlier.GroupBy(run => run.Mailbox).ToDictionary(runs => runs.Key, runs => runs.Min(run => run.Queued));
        return
        [
            .. statuses
                .Where(status => named.Contains(status.Mailbox))
                .Select(status => new OverdueMailbox(status.Mailbox, status.LastSuccess, status.LastSuccess ?? Earlier(status)))
                .Where(mailbox => now - mailbox.Since > limit)
                .OrderBy(mailbox => mailbox.Since)
                .ThenBy(mailbox => mailbox.Mailbox, StringComparer.Ordinal),
        ];

        DateTimeOffset Earlier(MailboxStatus status) =>
            first.TryGetValue(status.Mailbox, out var queued) && queued < status.Queued ? queued : status.Queued;
    }
}
