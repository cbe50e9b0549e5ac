using Migrator.App.Commands;
using Migrator.App.Hosting;
using Migrator.Core.Failures;
using Migrator.Core.Jobs;
using Migrator.Core.Progress;
using Migrator.Core.Reports;

namespace Migrator.Cli.Commands;

/// <summary>Commands that inspect each mailbox of a job, whatever it does with them.</summary>
internal static class OfJob
{
    /// <param name="only">Mailboxes of the job; none for all.</param>
    public static Task<int> RunAsync(
        JobDefinition job,
        string[] only,
        JobTask task,
        Func<MigrateJob, RunProgress, CommandContext, CancellationToken, Task<MailboxResult>> migrate,
        Func<BackupJob, ArchiveCache, RunProgress, CommandContext, CancellationToken, Task<MailboxResult>> backup,
        CommandContext context,
        CancellationToken stop
    )
    {
        var archives = new ArchiveCache();
        new Exposures(context).Warn(job.Mailboxes.Select(mailbox => mailbox.Job), job.Notify);
        return MailboxFanOut.RunAsync(
            job,
            MailboxSelection.Of(job, only),
            task,
            (one, progress, where) =>
                one switch
                {
                    BackupJob of => backup(of, archives, progress, where, stop),
                    MigrateJob of => migrate(of, progress, where, stop),
                    UpkeepJob => throw new ConfigurationException(
                        job.Name,
                        [
                            new ConfigurationError(
                                "$",
                                "is the upkeep of an archive, not of a mailbox. \"migrator archive check\" checks the archive."
                            ),
                        ]
                    ),
                    _ => throw new InvalidOperationException($"A job of an unknown kind: {one.GetType()}."),
                },
            context,
            stop
        );
    }
}
