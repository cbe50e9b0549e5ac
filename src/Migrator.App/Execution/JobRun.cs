using Microsoft.Extensions.Logging;
using Migrator.App.Commands;
using Migrator.App.Hosting;
using Migrator.Core.Archives;
using Migrator.Core.Backups;
using Migrator.Core.Failures;
using Migrator.Core.Jobs;
using Migrator.Core.Migrations;
using Migrator.Core.Progress;
using Migrator.Core.Reports;

namespace Migrator.App.Execution;

/// <summary>Does for one mailbox what its job says. The one place where the parts of a run are put together, for a person at a terminal
/// and for a service alike.</summary>
public static class JobRun
{
    /// <summary>Finds the secrets, and opens the archive where there is one.</summary>
    /// <param name="job">What is to be done.</param>
    /// <param name="surroundings">Where.</param>
    /// <param name="archive">How an archive is opened.</param>
    /// <param name="stop">Ends the opening; and the run, at its next safe point.</param>
    /// <returns>The run itself.</returns>
    /// <exception cref="ConfigurationException">A secret is not where the job says.</exception>
    /// <exception cref="StorageException">The archive cannot be opened.</exception>
    public static async Task<Func<RunProgress, Task<RunReport>>> PrepareAsync(
        Job job,
        Surroundings surroundings,
        Func<ArchiveReference, Surroundings, CancellationToken, Task<Archive>> archive,
        CancellationToken stop
    )
    {
        switch (job)
        {
            case MigrateJob migrate:
                var endpoints = surroundings.Connect(migrate);
                return progress => MigrateAsync(migrate, endpoints, surroundings, progress, stop);
            case BackupJob backup:
                var source = surroundings.Source(backup.Source, backup.Name);
                var opened = await archive(backup.Archive, surroundings, stop);
                var transfer = Transfer(backup, opened);
                return progress =>
                    new Backup(
                        transfer,
                        source,
                        opened,
                        backup.SourceDeletionPolicy,
                        surroundings.SpoolPath(transfer),
                        surroundings.Time,
                        surroundings.Loggers.CreateLogger<Backup>(),
                        backup.Shrunk
                    ).RunAsync(progress, stop);
            case UpkeepJob upkeep:
                var kept = await archive(upkeep.Archive, surroundings, stop);
                return progress =>
                    new Upkeep(upkeep, kept, surroundings.Time, Random.Shared, surroundings.Auditor).RunAsync(progress, stop);
            default:
                throw new InvalidOperationException($"A job of an unknown kind: {job.GetType()}.");
        }
    }

    public static Transfer Transfer(BackupJob job, Archive archive) => Transfer(job, archive.Location);

    /// <param name="location">Of the archive.</param>
    public static Transfer Transfer(BackupJob job, string location) =>
        new(job.Name, job.Source.Account, location, job.Folders, job.Options) { Purpose = job.Purpose, Mailbox = job.Mailbox };

    private static async Task<RunReport> MigrateAsync(
        MigrateJob job,
        MailboxEndpoints endpoints,
        Surroundings surroundings,
        RunProgress progress,
        CancellationToken stop
    )
    {
        await using var store = surroundings.OpenStore();
        var migration = new Migration(
            job.Transfer,
            endpoints,
            store,
            surroundings.SpoolPath(job.Transfer),
            surroundings.Time,
            surroundings.Loggers.CreateLogger<Migration>()
        );
        var report = await migration.RunAsync(progress, stop);
        if (job.SourceDeletionPolicy.AfterDays is not { } days || report.Outcome is RunOutcome.Interrupted or RunOutcome.Aborted)
            return report;
        return await new DeliveredDeletion(job.Transfer, endpoints, store, surroundings.Time).RunAsync(report, days, progress, stop);
    }
}
