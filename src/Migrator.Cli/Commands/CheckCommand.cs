using Microsoft.Extensions.Logging;
using Migrator.App.Execution;
using Migrator.App.Hosting;
using Migrator.App.Reports;
using Migrator.Cli.Output;
using Migrator.Core.Archives;
using Migrator.Core.Backups;
using Migrator.Core.Failures;
using Migrator.Core.Jobs;
using Migrator.Core.Migrations;
using Migrator.Core.Progress;
using Migrator.Core.Reports;

namespace Migrator.Cli.Commands;

/// <summary><c>migrator check</c>, <c>migrator plan</c> and <c>migrator run --dry-run</c>.</summary>
public static class CheckCommand
{
    public static Task<MailboxResult> RunAsync(MigrateJob job, RunProgress progress, CommandContext context, CancellationToken stop) =>
        RunAsync(job, writesPlan: false, progress, context, stop);

    /// <summary>Also writes what was found, for a run to carry out.</summary>
    public static Task<MailboxResult> PlanAsync(MigrateJob job, RunProgress progress, CommandContext context, CancellationToken stop) =>
        RunAsync(job, writesPlan: true, progress, context, stop);

    private static async Task<MailboxResult> RunAsync(
        MigrateJob job,
        bool writesPlan,
        RunProgress progress,
        CommandContext context,
        CancellationToken stop
    )
    {
        var endpoints = context.Sessions.Examine(job);
        await TokenReport.WriteAsync("source", job.Source, job.Name, context, stop);
        await TokenReport.WriteAsync("target", job.Target, job.Name, context, stop);
        var screen = new CommandOutput(context);
        await using var store = context.Stores.OpenCheckpoints();
        var log = context.Loggers.CreateLogger<Preflight>();
        var preflight = await Preflight.RunAsync(
            job.Transfer,
            job.SourceDeletionPolicy,
            endpoints,
            store,
            progress,
            context.Time,
            log,
            stop
        );
        var end = await EndAsync(job, preflight.Folders, context, stop);
        var result = PreflightResult.Of(preflight);
        if (!writesPlan)
        {
            if (context.Json)
                screen.Say(PreflightJson.Line(preflight, end));
            else
                PreflightView.Write(screen.Text, preflight, end);
            return result;
        }
        var problems = result.Reasons.Select(reason => new Failure(reason.Code, reason.Detail, reason.Hint)).ToList();
        // A plan that cannot be kept is none: it is for a later command.
        var files = await context.Reports.WriteAsync(preflight.ToPlan(context.Time.GetUtcNow(), end, problems), stop);
        if (context.Json)
            screen.Say(PreflightJson.Line(preflight, end, files));
        else
            PreflightView.Write(screen.Text, preflight, end, files);
        return JobReportFiles.Linked(result, files);
    }

    /// <summary>Of a backup.</summary>
    public static async Task<MailboxResult> RunAsync(
        BackupJob job,
        ArchiveCache archives,
        RunProgress progress,
        CommandContext context,
        CancellationToken stop
    )
    {
        var source = context.Sessions.Source(job.Source, job.Name);
        await TokenReport.WriteAsync("source", job.Source, job.Name, context, stop);
        var archive = await OpenAsync(job, archives, context, stop);
        var transfer = JobRun.Transfer(job, archive?.Location ?? job.Archive.Location);
        var screen = new CommandOutput(context);
        var log = context.Loggers.CreateLogger<BackupPreflight>();
        var preflight = await BackupPreflight.RunAsync(
            transfer,
            source,
            archive,
            job.SourceDeletionPolicy,
            progress,
            context.Time,
            log,
            stop
        );
        var end = await EndAsync(job, preflight.Folders, context, stop);
        if (context.Json)
            screen.Say(PreflightJson.Line(preflight, end));
        else
            BackupPreflightView.Write(screen.Text, preflight, end);
        return PreflightResult.Of(preflight);
    }

    /// <returns>Null where no daily limit holds the mailbox up.</returns>
    private static Task<DateTimeOffset?> EndAsync(
        Job job,
        IReadOnlyList<FolderForecast> folders,
        CommandContext context,
        CancellationToken stop
    ) => LimitForecast.OfAsync(job, PreflightJson.Sum(folders, folder => folder.Traffic), context.Sessions, stop);

    /// <returns>Null where there is none yet: the mailbox is worth looking at all the same.</returns>
    private static async Task<Archive?> OpenAsync(BackupJob job, ArchiveCache archives, CommandContext context, CancellationToken stop)
    {
        try
        {
            return await archives.OpenAsync(job.Archive, context.Stores, stop);
        }
        catch (StorageException exception) when (exception.Reason == Reason.ArchiveMissing)
        {
            return null;
        }
    }
}
