using Migrator.Core.Jobs;

namespace Migrator.Cli.Commands;

/// <summary>What a command line says beyond the job file, for all mailboxes of a job.</summary>
internal static class JobOptions
{
    public static JobDefinition With(JobDefinition job, Func<RunOptions, RunOptions> change) =>
        job with
        {
            Mailboxes = [.. job.Mailboxes.Select(mailbox => mailbox with { Job = With(mailbox.Job, change) })],
        };

    public static Job With(Job job, Func<RunOptions, RunOptions> change) =>
        job is MailboxJob mailbox ? mailbox with { Options = change(mailbox.Options) } : job;
}
