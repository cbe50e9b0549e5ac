using Microsoft.Extensions.Logging;
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
    /// <param name="context">What it is put together from.</param>
    /// <param name="archive">How an archive is opened.</param>
    /// <param name="stop">Ends the opening; and the run, at its next safe point.</param>
    /// <returns>The run itself.</returns>
    /// <exception cref="ConfigurationException">A secret is not where the job says.</exception>
    /// <exception cref="StorageException">The archive cannot be opened.</exception>
    public static async Task<Func<RunProgress, Task<RunReport>>> PrepareAsync(
        Job job,
        RunContext context,
        Func<ArchiveReference, StoreFactory, CancellationToken, Task<Archive>> archive,
        CancellationToken stop
    )
    {
        switch (job)
        {
            case MigrateJob migrate:
                var endpoints = context.Sessions.Connect(migrate);
                return progress => MigrateAsync(migrate, endpoints, context, progress, stop);
            case BackupJob backup:
                var source = context.Sessions.Source(backup.Source, backup.Name);
                var opened = await archive(backup.Archive, context.Stores, stop);
                var transfer = Transfer(backup, opened);
                return progress =>
                    new Backup(
                        transfer,
                        source,
                        opened,
                        backup.SourceDeletionPolicy,
                        context.Paths.SpoolOf(transfer),
                        context.Time,
                        context.Loggers.CreateLogger<Backup>(),
                        backup.Shrunk
                    ).RunAsync(progress, stop);
            case UpkeepJob upkeep:
                var kept = await archive(upkeep.Archive, context.Stores, stop);
                return progress => new Upkeep(upkeep, kept, context.Time, Random.Shared, context.Auditor).RunAsync(progress, stop);
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
        RunContext context,
        RunProgress progress,
        CancellationToken stop
    )
    {
        await using var store = context.Stores.OpenCheckpoints();
        var migration = new Migration(
            job.Transfer,
            endpoints,
            store,
            context.Paths.SpoolOf(job.Transfer),
            context.Time,
            context.Loggers.CreateLogger<Migration>()
        );
        var report = await migration.RunAsync(progress, stop);
        if (job.SourceDeletionPolicy.AfterDays is not { } days || report.Outcome is RunOutcome.Interrupted or RunOutcome.Aborted)
            return report;
        return await new DeliveredDeletion(job.Transfer, endpoints, store, context.Time).RunAsync(report, days, progress, stop);
    }
}
