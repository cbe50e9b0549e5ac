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
    public static async Task<MailboxResult> RunAsync(MigrateJob job, RunProgress progress, Surroundings surroundings, CancellationToken stop)
    {
        var ends = surroundings.Examine(job);
        var screen = new Screen(surroundings);
        await using var store = surroundings.OpenStore();
        var log = surroundings.Loggers.CreateLogger<Preflight>();
        var preflight = await Preflight.RunAsync(job.Transfer, job.Removal, ends, store, progress, surroundings.Time, log, stop).ConfigureAwait(false);
        screen.Say(PreflightJson.Line(preflight));
        if (!surroundings.Json)
            PreflightView.Write(screen.Text, preflight);
        return PreflightResult.Of(preflight);
    }

    /// <summary>Of a backup.</summary>
    public static async Task<MailboxResult> RunAsync(BackupJob job, OpenArchives archives, RunProgress progress, Surroundings surroundings, CancellationToken stop)
    {
        var source = surroundings.Source(job.Source, job.Name);
        var archive = await OpenAsync(job, archives, surroundings, stop).ConfigureAwait(false);
        var transfer = JobRun.Transfer(job, archive?.Location ?? job.Archive.Location);
        var screen = new Screen(surroundings);
        var log = surroundings.Loggers.CreateLogger<BackupPreflight>();
        var preflight = await BackupPreflight.RunAsync(transfer, source, archive, job.Removal, progress, surroundings.Time, log, stop).ConfigureAwait(false);
        screen.Say(PreflightJson.Line(preflight));
        if (!surroundings.Json)
            BackupPreflightView.Write(screen.Text, preflight);
        return PreflightResult.Of(preflight);
    }

    /// <returns>Null where there is none yet: the mailbox is worth looking at all the same.</returns>
    private static async Task<Archive?> OpenAsync(BackupJob job, OpenArchives archives, Surroundings surroundings, CancellationToken stop)
    {
        try
        {
            return await archives.OpenAsync(job.Archive, surroundings, stop).ConfigureAwait(false);
        }
        catch (StorageException exception) when (exception.Reason == Reason.ArchiveMissing)
        {
            return null;
        }
    }
}
