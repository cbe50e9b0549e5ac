using Migrator.App.Health;
using Migrator.App.Jobs;
using Migrator.Core.JobRuns;
using Migrator.Core.Jobs;

namespace Migrator.Service.Dashboard.Feed;

/// <summary>Everything that the pages show live, as it was at one moment; read once for all who look.</summary>
/// <param name="At">By the store's clock.</param>
public sealed record DashboardSnapshot(
    DateTimeOffset At,
    IReadOnlyList<JobView> Jobs,
    IReadOnlyList<BrokenJob> Broken,
    IReadOnlyList<WorkerStatus> Workers,
    IReadOnlyList<Throughput> Throughput
)
{
    public static readonly TimeSpan ChartSpan = TimeSpan.FromHours(1);

    private const int LatestJobRuns = 200;

    public JobView? Find(string job) => Jobs.FirstOrDefault(view => view.Name == job);

    public static async Task<DashboardSnapshot> ReadAsync(
        IRunHistory history,
        IRunQueue queue,
        JobCatalogue catalogue,
        ScheduleLook schedule,
        RestoreProofs restorable,
        CancellationToken cancellationToken
    )
    {
        var now = await history.NowAsync(cancellationToken);
        var mailboxes = (await history.MailboxesAsync(null, cancellationToken)).ToLookup(mailbox => mailbox.Job);
        var paused = await queue.PausedAsync(cancellationToken);
        var jobRuns = (await history.JobRunsAsync(null, LatestJobRuns, cancellationToken)).ToLookup(jobRun => jobRun.Job);
        var workers = await history.WorkersAsync(cancellationToken);
        var throughput = await history.ThroughputAsync(now - ChartSpan - TimeSpan.FromMinutes(1), cancellationToken);
        var definitions = catalogue.Jobs;
        var proofs = await restorable.ReadAsync(definitions, mailboxes, cancellationToken);
        var names = definitions.Select(job => job.Name).Union(mailboxes.Select(group => group.Key)).Order(StringComparer.Ordinal);
        return new DashboardSnapshot(now, [.. names.Select(View)], catalogue.Broken, workers, throughput);

        JobView View(string name)
        {
            var definition = definitions.FirstOrDefault(job => job.Name == name);
            return new JobView(
                name,
                definition,
                paused.Contains(name),
                Mailboxes(name, definition, mailboxes[name], proofs.GetValueOrDefault(name), now, schedule),
                jobRuns[name].FirstOrDefault(),
                definition is null ? null : schedule.NextRun(definition)
            )
            {
                Proofs = proofs
                    .FirstOrDefault(of => of.Key == name || (definition?.IsUpkeep == true && UpkeepJobs.NameOf(of.Key) == name))
                    .Value,
            };
        }
    }

    private static List<MailboxView> Mailboxes(
        string job,
        JobDefinition? definition,
        IEnumerable<MailboxStatus> statuses,
        IReadOnlyList<ArchivedProof>? proofs,
        DateTimeOffset now,
        ScheduleLook schedule
    )
    {
        var known = statuses.ToDictionary(status => status.Mailbox);
        var overdue = definition is null ? null : schedule.OverdueAfter(definition);
        var proofOf = RestoreProofs.Finder(proofs);
        var views = new List<MailboxView>();
        foreach (var mailbox in definition?.Mailboxes ?? [])
        {
            known.Remove(mailbox.Name, out var status);
            views.Add(new MailboxView(job, mailbox.Name, status, null, Gone: false, IsOverdue(status)) { Proof = proofOf(mailbox) });
        }
        foreach (var row in definition?.InvalidMailboxes ?? [])
        {
            known.Remove(row.Name, out var status);
            views.Add(new MailboxView(job, row.Name, status, row, Gone: false, Overdue: false));
        }
        views.AddRange(
            known
                .Values.OrderBy(status => status.Mailbox, StringComparer.Ordinal)
                .Select(status => new MailboxView(job, status.Mailbox, status, null, Gone: true, Overdue: false))
        );
        return views;

        bool IsOverdue(MailboxStatus? status) =>
            overdue is { } after && status is not null && now - (status.LastSuccess ?? status.Queued) > after;
    }
}
