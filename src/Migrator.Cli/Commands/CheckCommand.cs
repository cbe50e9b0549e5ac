using Microsoft.Extensions.Logging;
using Migrator.App.Execution;
using Migrator.App.Hosting;
using Migrator.Cli.Output;
using Migrator.Core.Archives;
using Migrator.Core.Backups;
using Migrator.Core.Failures;
using Migrator.Core.Jobs;
using Migrator.Core.Migrations;
using Migrator.Core.Progress;
using Migrator.Core.Reports;

namespace Migrator.Cli.Commands;

/// <summary><c>migrator check</c>.</summary>
public static class CheckCommand
{
    public static async Task<MailboxResult> RunAsync(
        MigrateJob job,
        RunProgress progress,
        Surroundings surroundings,
        CancellationToken stop
    )
    {
        var endpoints = surroundings.Examine(job);
        var screen = new CommandOutput(surroundings);
        await using var store = surroundings.OpenStore();
        var log = surroundings.Loggers.CreateLogger<Preflight>();
        var preflight = await Preflight.RunAsync(
            job.Transfer,
            job.SourceDeletionPolicy,
            endpoints,
            store,
            progress,
            surroundings.Time,
            log,
            stop
        );
        screen.Say(PreflightJson.Line(preflight));
        if (!surroundings.Json)
            PreflightView.Write(screen.Text, preflight);
        return PreflightResult.Of(preflight);
    }

    /// <summary>Of a backup.</summary>
    public static async Task<MailboxResult> RunAsync(
        BackupJob job,
        ArchiveCache archives,
        RunProgress progress,
        Surroundings surroundings,
        CancellationToken stop
    )
    {
        var source = surroundings.Source(job.Source, job.Name);
        var archive = await OpenAsync(job, archives, surroundings, stop);
        var transfer = JobRun.Transfer(job, archive?.Location ?? job.Archive.Location);
        var screen = new CommandOutput(surroundings);
        var log = surroundings.Loggers.CreateLogger<BackupPreflight>();
        var preflight = await BackupPreflight.RunAsync(
            transfer,
            source,
            archive,
            job.SourceDeletionPolicy,
            progress,
            surroundings.Time,
            log,
            stop
        );
        screen.Say(PreflightJson.Line(preflight));
        if (!surroundings.Json)
            BackupPreflightView.Write(screen.Text, preflight);
        return PreflightResult.Of(preflight);
    }

    /// <returns>Null where there is none yet: the mailbox is worth looking at all the same.</returns>
    private static async Task<Archive?> OpenAsync(BackupJob job, ArchiveCache archives, Surroundings surroundings, CancellationToken stop)
    {
        try
        {
            return await archives.OpenAsync(job.Archive, surroundings, stop);
        }
        catch (StorageException exception) when (exception.Reason == Reason.ArchiveMissing)
        {
            return null;
        }
    }
}
