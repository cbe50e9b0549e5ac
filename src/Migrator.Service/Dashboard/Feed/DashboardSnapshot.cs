using Migrator.App.Health;
using Migrator.App.Jobs;
using Migrator.Core.Jobs;
using Migrator.Core.Rounds;

namespace Migrator.Service.Dashboard.Feed;

/// <summary>Everything that the pages show live, as it was at one moment; read once for all who look.</summary>
/// <param name="At">By the store's clock.</param>
public sealed record DashboardSnapshot(
    DateTimeOffset At, IReadOnlyList<JobView> Jobs, IReadOnlyList<BrokenJob> Broken, IReadOnlyList<WorkerStatus> Workers, IReadOnlyList<Throughput> Throughput)
{
    public static readonly TimeSpan ChartSpan = TimeSpan.FromHours(1);

    private const int LatestRounds = 200;

    public JobView? Find(string job) => Jobs.FirstOrDefault(view => view.Name == job);

    public static async Task<DashboardSnapshot> ReadAsync(IRunHistory history, IRunQueue queue, JobCatalogue catalogue, ScheduleLook schedule, RestoreProofs restorable, CancellationToken cancellationToken)
    {
        var now = await history.NowAsync(cancellationToken).ConfigureAwait(false);
        var mailboxes = (await history.MailboxesAsync(null, cancellationToken).ConfigureAwait(false)).ToLookup(mailbox => mailbox.Job);
        var paused = await queue.PausedAsync(cancellationToken).ConfigureAwait(false);
        var rounds = (await history.RoundsAsync(null, LatestRounds, cancellationToken).ConfigureAwait(false)).ToLookup(round => round.Job);
        var workers = await history.WorkersAsync(cancellationToken).ConfigureAwait(false);
        var throughput = await history.ThroughputAsync(now - ChartSpan - TimeSpan.FromMinutes(1), cancellationToken).ConfigureAwait(false);
        var definitions = catalogue.Jobs;
        var proofs = await restorable.ReadAsync(definitions, mailboxes, cancellationToken).ConfigureAwait(false);
        var names = definitions.Select(job => job.Name).Union(mailboxes.Select(group => group.Key)).Order(StringComparer.Ordinal);
        return new DashboardSnapshot(now, [.. names.Select(View)], catalogue.Broken, workers, throughput);

        JobView View(string name)
        {
            var definition = definitions.FirstOrDefault(job => job.Name == name);
            return new JobView(name, definition, paused.Contains(name), Mailboxes(name, definition, mailboxes[name], proofs.GetValueOrDefault(name), now, schedule),
                rounds[name].FirstOrDefault(), definition is null ? null : schedule.NextRun(definition))
            {
                Proofs = proofs.FirstOrDefault(of => of.Key == name || (definition?.IsUpkeep == true && UpkeepJobs.NameOf(of.Key) == name)).Value,
            };
        }
    }

    private static List<MailboxView> Mailboxes(string job, JobDefinition? definition, IEnumerable<MailboxStatus> statuses, IReadOnlyList<ArchivedProof>? proofs, DateTimeOffset now, ScheduleLook schedule)
    {
        var known = statuses.ToDictionary(status => status.Mailbox);
        var late = definition is null ? null : schedule.LateAfter(definition);
        var proofOf = RestoreProofs.Finder(proofs);
        var views = new List<MailboxView>();
        foreach (var mailbox in definition?.Mailboxes ?? [])
        {
            known.Remove(mailbox.Name, out var status);
            views.Add(new MailboxView(job, mailbox.Name, status, null, Gone: false, IsLate(status)) { Proof = proofOf(mailbox) });
        }
        foreach (var row in definition?.BadRows ?? [])
        {
            known.Remove(row.Name, out var status);
            views.Add(new MailboxView(job, row.Name, status, row, Gone: false, Late: false));
        }
        views.AddRange(known.Values.OrderBy(status => status.Mailbox, StringComparer.Ordinal).Select(status => new MailboxView(job, status.Mailbox, status, null, Gone: true, Late: false)));
        return views;

        bool IsLate(MailboxStatus? status) => late is { } after && status is not null && now - (status.LastGood ?? status.Queued) > after;
    }
}
