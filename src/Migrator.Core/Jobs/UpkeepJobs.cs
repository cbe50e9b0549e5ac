namespace Migrator.Core.Jobs;

/// <summary>Upkeep as a job of its own, with the archives in the place of mailboxes: its schedule, its lateness and its reports are those
/// of any job.</summary>
public static class UpkeepJobs
{
    /// <summary>What the upkeep of a job is called.</summary>
    public static string NameOf(string job) => $"{job}.upkeep";

    /// <returns>Null where there is nothing to do, or no archive.</returns>
    public static JobDefinition? Of(JobDefinition job)
    {
        if (job.Upkeep is not ({ RestoreTest: not null } or { Check: not null } or { Prune: not null }))
            return null;
        var (name, rules, names) = (NameOf(job.Name), job.Upkeep, new HashSet<string>(StringComparer.Ordinal));
        var mailboxes = job
            .Mailboxes.Select(mailbox => mailbox.Job)
            .OfType<BackupJob>()
            .DistinctBy(backup => (backup.Archive.Location, backup.Archive.ConnectionString))
            .Select(backup => new JobMailbox(Unlike(backup.Archive.Location.Split('?')[0]), new UpkeepJob(name, backup.Archive, rules))
            {
                Place = Path.GetFileName(job.File),
            })
            .ToList();
        return mailboxes.Count == 0
            ? null
            : new JobDefinition(
                name,
                job.File,
                mailboxes,
                [],
                job.Inputs,
                rules.Schedule,
                job.Policy with
                {
                    MaxConcurrency = null,
                    OverdueAfter = rules.OverdueAfter,
                },
                job.Notify
            );

        // Containers of the same name in two storage accounts.
        string Unlike(string place)
        {
            var unlike = place;
            for (var number = 2; !names.Add(unlike); number++)
                unlike = $"{place} ({number})";
            return unlike;
        }
    }

    /// <summary>The jobs, and the upkeep of each that has one.</summary>
    public static IReadOnlyList<JobDefinition> With(IReadOnlyList<JobDefinition> jobs) =>
        [.. jobs.SelectMany(job => Of(job) is { } upkeep ? [job, upkeep] : new[] { job })];
}
