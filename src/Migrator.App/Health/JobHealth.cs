using Migrator.App.Jobs;
using Migrator.Core.Jobs;
using Migrator.Core.Migrations;
using Migrator.Core.Rounds;

namespace Migrator.App.Health;

/// <summary>Which jobs have mailboxes that are late.</summary>
public sealed class JobHealth(IRunHistory history, IRunQueue queue, JobCatalogue catalogue, Lateness lateness)
{
    private const int MostNames = 20;

    // Enough to find when a mailbox that never had a good run was first wanted; the rest would only make it later still.
    private const int MostHistory = 20;

    /// <param name="name">Null for all jobs.</param>
    /// <returns>Null where no job has this name.</returns>
    /// <exception cref="RoundStoreException">The store does not answer.</exception>
    public async Task<IReadOnlyList<JobHealthState>?> CheckAsync(string? name, CancellationToken cancellationToken)
    {
        var jobs = catalogue.Jobs.Where(job => name is null || job.Name == name).ToList();
        if (name is not null && jobs.Count == 0)
            return null;
        var now = await history.NowAsync(cancellationToken).ConfigureAwait(false);
        var paused = await queue.PausedAsync(cancellationToken).ConfigureAwait(false);
        var statuses = (await history.MailboxesAsync(name, cancellationToken).ConfigureAwait(false)).ToLookup(status => status.Job);
        var states = new List<JobHealthState>();
        foreach (var job in jobs)
        {
            var late = paused.Contains(job.Name) ? [] : await LateAsync(job, [.. statuses[job.Name]], now, cancellationToken).ConfigureAwait(false);
            states.Add(new JobHealthState(job.Name, late.Count > 0 ? "late" : paused.Contains(job.Name) ? "paused" : "ok", job.Mailboxes.Count + job.BadRows.Count,
                lateness.Limit(job)?.TotalSeconds, late.Count, [.. late.Take(MostNames).Select(mailbox => mailbox.Mailbox)]));
        }
        return states;
    }

    /// <summary>Of jobs that are not paused and have late mailboxes, all of those.</summary>
    /// <exception cref="RoundStoreException">The store does not answer.</exception>
    public async Task<IReadOnlyList<(JobDefinition Job, IReadOnlyList<LateMailbox> Late)>> LateAsync(CancellationToken cancellationToken)
    {
        var now = await history.NowAsync(cancellationToken).ConfigureAwait(false);
        var paused = await queue.PausedAsync(cancellationToken).ConfigureAwait(false);
        var statuses = (await history.MailboxesAsync(null, cancellationToken).ConfigureAwait(false)).ToLookup(status => status.Job);
        var all = new List<(JobDefinition Job, IReadOnlyList<LateMailbox> Late)>();
        foreach (var job in catalogue.Jobs.Where(job => !paused.Contains(job.Name)))
        {
            if (await LateAsync(job, [.. statuses[job.Name]], now, cancellationToken).ConfigureAwait(false) is { Count: > 0 } late)
                all.Add((job, late));
        }
        return all;
    }

    private async Task<IReadOnlyList<LateMailbox>> LateAsync(JobDefinition job, IReadOnlyList<MailboxStatus> statuses, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var earlier = new List<MailboxStatus>();
        if (lateness.Limit(job) is { } limit)
        {
            // Of those that are late by their present run, the past says nothing new.
            foreach (var status in statuses.Where(status => status.LastGood is null && now - status.Queued <= limit))
                earlier.AddRange(await history.HistoryAsync(new HistoryQuery(job.Name, status.Mailbox, MostHistory), cancellationToken).ConfigureAwait(false));
        }
        return lateness.Of(job, statuses, earlier, now);
    }
}

/// <param name="Status"><c>ok</c>, <c>late</c> or <c>paused</c>.</param>
/// <param name="LateAfterSeconds">Null where nothing says when it is late.</param>
/// <param name="Late">How many mailboxes are late.</param>
/// <param name="Names">Of the first of those, the one first that has been late for longest.</param>
public sealed record JobHealthState(string Job, string Status, int Mailboxes, double? LateAfterSeconds, int Late, IReadOnlyList<string> Names);
