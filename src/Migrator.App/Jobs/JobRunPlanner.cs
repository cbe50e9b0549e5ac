using Migrator.Core.Failures;
using Migrator.Core.JobRuns;
using Migrator.Core.Jobs;

namespace Migrator.App.Jobs;

/// <summary>What a job run of a job is to do.</summary>
public static class JobRunPlanner
{
    /// <param name="only">Which of its mailboxes; null for all of them.</param>
    public static JobRunPlan Of(
        JobDefinition job,
        JobRunTrigger cause,
        DateTimeOffset? scheduledFor,
        string? onlyWorker,
        Func<string, bool>? only
    ) =>
        new(
            job.Name,
            cause,
            scheduledFor,
            onlyWorker,
            [
                .. job.Mailboxes.Where(mailbox => only is null || only(mailbox.Name)).Select(Of),
                .. job
                    .InvalidMailboxes.Where(row => only is null || only(row.Name))
                    .Select(row => new PlannedMailboxRun(row.Name, "", "", [], Of(row))),
            ]
        );

    public static Failure Of(InvalidMailbox row) =>
        Failure.Of(Reason.InvalidMailbox, $"{row.Place}: {string.Join(' ', row.Errors.Select(error => $"{error.Path}: {error.Message}"))}");

    public static PlannedMailboxRun Of(JobMailbox mailbox) =>
        mailbox.Job switch
        {
            MigrateJob job => new(mailbox.Name, job.Source.Account, job.Target.Account, Hosts(job.Source, job.Target), null),
            // Archives take several mailboxes at once.
            BackupJob job => new(mailbox.Name, job.Source.Account, $"{job.Archive.Location}#{job.Source.Account}", Hosts(job.Source), null),
            // One at a time, whichever jobs keep mail there.
            UpkeepJob job => new(
                mailbox.Name,
                job.Archive.Location,
                $"{job.Archive.Location}#upkeep {job.Archive.ConnectionString}".TrimEnd(),
                [],
                null
            ),
            var job => throw new InvalidOperationException($"A job of an unknown kind: {job.GetType()}."),
        };

    private static string[] Hosts(params IEnumerable<MailServer> servers) =>
        [.. servers.Select(server => server.Host.ToLowerInvariant()).Distinct()];
}
