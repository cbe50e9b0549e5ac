using Microsoft.Extensions.Logging;
using Migrator.App.Execution;
using Migrator.App.Hosting;
using Migrator.App.Output;
using Migrator.Cli.Output;
using Migrator.Core.Archives;
using Migrator.Core.Backups;
using Migrator.Core.Failures;
using Migrator.Core.Jobs;
using Migrator.Core.Migrations;
using Migrator.Core.Progress;

namespace Migrator.Cli.Commands;

/// <summary><c>migrator check</c>.</summary>
public static class CheckCommand
{
    public static async Task<int> RunAsync(MigrateJob job, Surroundings surroundings, CancellationToken stop)
    {
        var ends = surroundings.Examine(job);
        var (progress, screen) = (new RunProgress(), new Screen(surroundings));
        await using var store = surroundings.OpenStore();
        var log = surroundings.Loggers.CreateLogger<Preflight>();
        var preflight = await Preflight.RunAsync(job.Transfer, job.Removal, ends, store, progress, surroundings.Time, log, stop).ConfigureAwait(false);
        screen.Say(PreflightJson.Line(preflight));
        if (!surroundings.Json)
            PreflightView.Write(screen.Text, preflight);
        return Code(preflight.Plan.Obstacles.Count > 0, preflight.LeavesMessages);
    }

    /// <summary>Of a backup.</summary>
    public static async Task<int> RunAsync(BackupJob job, OpenArchives archives, Surroundings surroundings, CancellationToken stop)
    {
        var source = surroundings.Source(job.Source, job.Name);
        var archive = await OpenAsync(job, archives, surroundings, stop).ConfigureAwait(false);
        var transfer = JobRun.Transfer(job, archive?.Location ?? job.Archive.Location);
        var (progress, screen) = (new RunProgress(), new Screen(surroundings));
        var log = surroundings.Loggers.CreateLogger<BackupPreflight>();
        var preflight = await BackupPreflight.RunAsync(transfer, source, archive, job.Removal, progress, surroundings.Time, log, stop).ConfigureAwait(false);
        screen.Say(PreflightJson.Line(preflight));
        if (!surroundings.Json)
            BackupPreflightView.Write(screen.Text, preflight);
        return Code(archive is null, preflight.LeavesMessages);
    }

    /// <summary>The code that a run would end with, as far as that is known.</summary>
    private static int Code(bool cannotStart, bool leavesMessages) => cannotStart ? ExitCode.Configuration : leavesMessages ? ExitCode.Incomplete : ExitCode.Success;

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
