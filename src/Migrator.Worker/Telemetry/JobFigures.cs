using Migrator.Core.Jobs;
using Migrator.Core.Rounds;

namespace Migrator.Worker.Telemetry;

/// <summary>How a job stands, over all its mailboxes.</summary>
/// <param name="OldestWaiting">Since when the run that has waited longest could have been taken up; zero where none waits.</param>
/// <param name="Lag">Since the last good run of the mailbox that has been without one for longest; of one that never had any, since it
/// was first wanted. Null where nothing was ever wanted.</param>
/// <param name="Incomplete">Mailboxes whose present run is over and was not complete.</param>
internal sealed record JobFigures(string Job, int Mailboxes, int Waiting, int Running, TimeSpan OldestWaiting, TimeSpan? Lag, int Incomplete)
{
    public static JobFigures Of(JobDefinition job, IReadOnlyList<MailboxStatus> statuses, DateTimeOffset now)
    {
        // Of mailboxes that the job no longer names, only what is still to do counts.
        var named = job.Mailboxes.Select(mailbox => mailbox.Name).Concat(job.BadRows.Select(row => row.Name)).ToHashSet(StringComparer.Ordinal);
        var current = statuses.Where(status => named.Contains(status.Mailbox)).ToList();
        var waiting = statuses.Where(status => status.State == MailboxRunState.Waiting).ToList();
        return new JobFigures(job.Name, named.Count, waiting.Count, statuses.Count(status => status.State == MailboxRunState.Running),
            Age(waiting.Select(status => status.NotBefore > status.Queued ? status.NotBefore : status.Queued)) ?? TimeSpan.Zero,
            Age(current.Select(status => status.LastGood ?? status.Queued)),
            current.Count(status => status.State.IsOver() && status.State != MailboxRunState.Complete));

        TimeSpan? Age(IEnumerable<DateTimeOffset> since) => since.Select(time => (DateTimeOffset?)time).Min() is { } first ? (now > first ? now - first : TimeSpan.Zero) : null;
    }
}
