using Migrator.App.Jobs;
using Migrator.Core.JobRuns;
using Migrator.Core.Jobs;
using Migrator.Core.Migrations;

namespace Migrator.App.Health;

/// <summary>Which jobs have mailboxes that are overdue.</summary>
public sealed class JobHealth(IRunHistory history, IRunQueue queue, JobCatalogue catalogue, OverduePolicy overduePolicy)
{
    private const int MostNames = 20;

    // Enough to find when a mailbox that never had a good run was first wanted; the rest would only make it later still.
    private const int MostHistory = 20;

    /// <param name="name">Null for all jobs.</param>
    /// <returns>Null where no job has this name.</returns>
    /// <exception cref="JobRunStoreException">The store does not answer.</exception>
    public async Task<IReadOnlyList<JobHealthState>?> CheckAsync(string? name, CancellationToken cancellationToken)
    {
        var jobs = catalogue.Jobs.Where(job => name is null || job.Name == name).ToList();
        if (name is not null && jobs.Count == 0)
            return null;
        var now = await history.NowAsync(cancellationToken);
        var paused = await queue.PausedAsync(cancellationToken);
        var statuses = (await history.MailboxesAsync(name, cancellationToken)).ToLookup(status => status.Job);
        var states = new List<JobHealthState>();
        foreach (var job in jobs)
        {
            var overdue = paused.Contains(job.Name) ? [] : await OverdueAsync(job, [.. statuses[job.Name]], now, cancellationToken);
            states.Add(
                new JobHealthState(
                    job.Name,
                    overdue.Count > 0 ? "overdue"
                        : paused.Contains(job.Name) ? "paused"
                        : "ok",
                    job.Mailboxes.Count + job.InvalidMailboxes.Count,
                    overduePolicy.Limit(job)?.TotalSeconds,
                    overdue.Count,
                    [.. overdue.Take(MostNames).Select(mailbox => mailbox.Mailbox)]
                )
            );
        }
        return states;
    }

    /// <summary>Of jobs that are not paused and have late mailboxes, all of those.</summary>
    /// <exception cref="JobRunStoreException">The store does not answer.</exception>
    public async Task<IReadOnlyList<(JobDefinition Job, IReadOnlyList<OverdueMailbox> Overdue)>> OverdueAsync(
        CancellationToken cancellationToken
    )
    {
        var now = await history.NowAsync(cancellationToken);
        var paused = await queue.PausedAsync(cancellationToken);
        var statuses = (await history.MailboxesAsync(null, cancellationToken)).ToLookup(status => status.Job);
        var all = new List<(JobDefinition Job, IReadOnlyList<OverdueMailbox> Overdue)>();
        foreach (var job in catalogue.Jobs.Where(job => !paused.Contains(job.Name)))
        {
            if (await OverdueAsync(job, [.. statuses[job.Name]], now, cancellationToken) is { Count: > 0 } overdue)
                all.Add((job, overdue));
        }
        return all;
    }

    private async Task<IReadOnlyList<OverdueMailbox>> OverdueAsync(
        JobDefinition job,
        IReadOnlyList<MailboxStatus> statuses,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        var earlier = new List<MailboxStatus>();
        if (overduePolicy.Limit(job) is { } limit)
        {
            // Of those that are overdue by their present run, the past says nothing new.
            foreach (var status in statuses.Where(status => status.LastSuccess is null && now - status.Queued <= limit))
                earlier.AddRange(await history.HistoryAsync(new HistoryQuery(job.Name, status.Mailbox, MostHistory), cancellationToken));
        }
        return overduePolicy.Of(job, statuses, earlier, now);
    }
}
