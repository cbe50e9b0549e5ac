using Microsoft.Extensions.Logging;
using Migrator.App.Execution;
using Migrator.App.Hosting;
using Migrator.Core.Archives;
using Migrator.Core.Backups;
using Migrator.Core.Jobs;
using Migrator.Core.Progress;
using Migrator.Core.Reports;

namespace Migrator.Cli.Commands;

/// <summary><c>migrator verify</c> for a job of kind backup.</summary>
public static class BackupCommand
{
    public static async Task<MailboxResult> VerifyAsync(
        BackupJob job,
        ArchiveCache archives,
        RunProgress progress,
        CommandContext context,
        CancellationToken stop
    )
    {
        var source = context.Sessions.Source(job.Source, job.Name);
        var archive = await archives.OpenAsync(job.Archive, context.Stores, stop);
        var (name, snapshot, warnings) = await SnapshotChoice.FindAsync(
            archive,
            job.Mailbox,
            null,
            MailboxMatch.Exact,
            complete: false,
            stop
        );
        var screen = new CommandOutput(context);
        foreach (var warning in warnings)
            progress.Notice(warning);
        // What cannot be read now would pass for missing.
        var choice = new Core.Folders.FolderChoice(job.Folders);
        await OfflineMail.EnsureNoneAsync(archive, snapshot, (folder, _) => choice.Includes(folder), context, stop);
        progress.Notice($"Compared with snapshot {name.Id} of {name.Time:u}.");
        var verification = new BackupVerification(
            JobRun.Transfer(job, archive),
            source,
            archive,
            snapshot,
            context.Time,
            context.Loggers.CreateLogger<BackupVerification>()
        );
        var report = await screen.WatchAsync(progress, () => verification.RunAsync(progress, stop));
        return await screen.ReportAsync(report);
    }
}
