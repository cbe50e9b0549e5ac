using Migrator.Core.Folders;
using Migrator.Core.JobRuns;
using Migrator.Core.Jobs;
using Migrator.Tests.Migrations;

namespace Migrator.Tests.Telemetry;

/// <summary>Jobs and runs of them, for tests that look at neither.</summary>
internal static class Jobs
{
    public static JobDefinition Job(string name, TimeSpan? every = null, TimeSpan? overdueAfter = null, params string[] mailboxes) =>
        new(
            name,
            $"/jobs/{name}.json",
            [
                .. mailboxes.Select(mailbox => new JobMailbox(
                    mailbox,
                    new MigrateJob(
                        name,
                        Harness.Server(993, mailbox, null),
                        Harness.Server(994, mailbox, null),
                        FolderRules.All,
                        RunOptions.Default,
                        SourceDeletionPolicy.Never
                    )
                )),
            ],
            [],
            [],
            every is null ? null : new Schedule(null, every, null, TimeZoneInfo.Utc, TimeSpan.Zero, MisfirePolicy.RunOnce, null),
            RetryPolicy.Default with
            {
                OverdueAfter = overdueAfter,
            },
            NotifyRule.None
        );

    public static MailboxStatus Run(
        string job,
        string mailbox,
        MailboxRunState state,
        DateTimeOffset queued,
        DateTimeOffset? lastSuccess = null
    ) =>
        new(
            job,
            mailbox,
            $"imap://{mailbox}@old",
            $"imap://{mailbox}@new",
            1,
            1,
            state,
            1,
            queued,
            queued,
            null,
            null,
            null,
            null,
            null,
            default,
            null,
            lastSuccess,
            false
        );
}
