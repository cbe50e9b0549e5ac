using System.Collections.Concurrent;
using System.Text.Json;
using Migrator.App.Formatting;
using Migrator.Core.JobRuns;
using Migrator.Core.Jobs;
using Migrator.Core.Reports;

namespace Migrator.App.Health;

/// <summary>When mailboxes were last proved restorable: by the latest reports of upkeep in the run database, which all workers see, so
/// that nobody has to open an archive to show it.</summary>
public sealed class RestoreProofs(IRunHistory history)
{
    // An upkeep that cannot reach its archive has no report; further back, its being late is what matters.
    private const int LookedBack = 20;

    private readonly ConcurrentDictionary<(string Job, string Archive), (object Key, IReadOnlyList<MailboxProof> Proofs)> _known = new();

    /// <param name="jobs">All of them.</param>
    /// <param name="statuses">By job.</param>
    /// <returns>By the name of the backup job, for those that have a restore test: its mailboxes and whatever else is in its
    /// archives.</returns>
    /// <exception cref="JobRunStoreException">The store does not answer.</exception>
    public async Task<IReadOnlyDictionary<string, IReadOnlyList<ArchivedProof>>> ReadAsync(
        IReadOnlyList<JobDefinition> jobs,
        ILookup<string, MailboxStatus> statuses,
        CancellationToken cancellationToken
    )
    {
        var all = new Dictionary<string, IReadOnlyList<ArchivedProof>>(StringComparer.Ordinal);
        foreach (var job in jobs.Where(job => job.Upkeep?.RestoreTest is not null))
        {
            if (UpkeepJobs.Of(job) is not { } upkeep)
                continue;
            var proofs = new Dictionary<(string, string), ArchivedProof>();
            foreach (var archive in upkeep.Mailboxes)
            {
                var location = ((UpkeepJob)archive.Job).Archive.Location;
                foreach (
                    var proof in await OfAsync(
                        upkeep.Name,
                        statuses[upkeep.Name].FirstOrDefault(status => status.Mailbox == archive.Name),
                        cancellationToken
                    )
                )
                    proofs[(location, proof.Mailbox)] = new ArchivedProof(location, proof);
            }
            foreach (var backup in job.Mailboxes.Select(mailbox => mailbox.Job).OfType<BackupJob>())
                proofs.TryAdd(
                    (backup.Archive.Location, backup.Mailbox),
                    new ArchivedProof(backup.Archive.Location, new MailboxProof(backup.Mailbox, null, null, false))
                );
            all[job.Name] =
            [
                .. proofs
                    .Values.OrderBy(proof => proof.Proof.Proved ?? DateTimeOffset.MinValue)
                    .ThenBy(proof => proof.Proof.Mailbox, StringComparer.Ordinal),
            ];
        }
        return all;
    }

    /// <summary>Finds the proof of a mailbox of a backup job.</summary>
    /// <param name="proofs">Of the job; null where it has no restore test.</param>
    public static Func<JobMailbox, MailboxProof?> Finder(IReadOnlyList<ArchivedProof>? proofs)
    {
        var known = (proofs ?? []).ToDictionary(proof => (proof.Archive, proof.Proof.Mailbox), proof => proof.Proof);
        return mailbox => mailbox.Job is BackupJob backup ? known.GetValueOrDefault((backup.Archive.Location, backup.Mailbox)) : null;
    }

    private async Task<IReadOnlyList<MailboxProof>> OfAsync(string job, MailboxStatus? status, CancellationToken cancellationToken)
    {
        if (status is null)
            return [];
        var key = (status.Run, status.Attempt, status.State, status.HasReport);
        if (_known.TryGetValue((job, status.Mailbox), out var known) && known.Key.Equals(key))
            return known.Proofs;
        var proofs = status.HasReport ? await ReadAsync(status.Run, cancellationToken) : null;
        foreach (
            var earlier in proofs is not null
                ? []
                : await history.HistoryAsync(new HistoryQuery(job, status.Mailbox, LookedBack), cancellationToken)
        )
        {
            if (earlier.HasReport && (proofs = await ReadAsync(earlier.Run, cancellationToken)) is not null)
                break;
        }
        _known[(job, status.Mailbox)] = (key, proofs ?? []);
        return proofs ?? [];
    }

    private async Task<IReadOnlyList<MailboxProof>?> ReadAsync(long run, CancellationToken cancellationToken)
    {
        try
        {
            return await history.ReportAsync(run, cancellationToken) is { } json
                ? ReportJson.Parse<RunReport>(json)?.Upkeep?.Mailboxes
                : null;
        }
        catch (JsonException)
        {
            // Of a version that wrote something else.
            return null;
        }
    }
}
