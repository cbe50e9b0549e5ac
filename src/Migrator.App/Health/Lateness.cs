using Migrator.Core.Jobs;
using Migrator.Core.Rounds;

namespace Migrator.App.Health;

/// <summary>Decides which mailboxes of a job did not run well for longer than they should.</summary>
/// <param name="usual">The usual distance between two rounds of a job by its schedule; null where it has none, or runs only once.</param>
public sealed class Lateness(Func<JobDefinition, TimeSpan?> usual)
{
    // One round may fail and the next one mend it.
    private const int Rounds = 2;

    /// <summary>Knows intervals only: where nothing reads cron expressions.</summary>
    public static readonly Lateness BySimpleSchedules = new(job => job.Schedule?.Every);

    /// <summary>After how long without a good run a mailbox of this job is late; null for never.</summary>
    public TimeSpan? Limit(JobDefinition job) => job.Policy.LateAfter ?? (job.Schedule is null ? null : usual(job) * Rounds);

    /// <summary>Of a job that is not paused.</summary>
    /// <param name="statuses">Of the job. A mailbox that is not among them never had a chance, and is not late.</param>
    /// <param name="earlier">Runs that are over, of mailboxes that never had a good one: since the first of them it is wanted. May be
    /// empty.</param>
    /// <param name="now">By the store's clock.</param>
    /// <returns>Whoever has been late for longest comes first.</returns>
    public IReadOnlyList<LateMailbox> Of(JobDefinition job, IReadOnlyList<MailboxStatus> statuses, IReadOnlyList<MailboxStatus> earlier, DateTimeOffset now)
    {
        if (Limit(job) is not { } limit)
            return [];
        var named = job.Names;
        var first = earlier.GroupBy(run => run.Mailbox).ToDictionary(runs => runs.Key, runs => runs.Min(run => run.Queued));
        return
        [
            .. statuses.Where(status => named.Contains(status.Mailbox))
                .Select(status => new LateMailbox(status.Mailbox, status.LastGood, status.LastGood ?? Earlier(status)))
                .Where(mailbox => now - mailbox.Since > limit)
                .OrderBy(mailbox => mailbox.Since).ThenBy(mailbox => mailbox.Mailbox, StringComparer.Ordinal),
        ];

        DateTimeOffset Earlier(MailboxStatus status) => first.TryGetValue(status.Mailbox, out var queued) && queued < status.Queued ? queued : status.Queued;
    }
}

/// <param name="LastGood">Null for never.</param>
/// <param name="Since">The last good run; of a mailbox without, when it was first wanted.</param>
public sealed record LateMailbox(string Mailbox, DateTimeOffset? LastGood, DateTimeOffset Since);
