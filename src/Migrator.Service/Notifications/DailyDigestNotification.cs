using Migrator.App.Formatting;
using Migrator.App.Health;
using Migrator.Core.JobRuns;
using Migrator.Core.Jobs;
using Migrator.Core.Migrations;
using Migrator.Core.Reports;

namespace Migrator.Service.Notifications;

/// <summary>Tells of all job runs of a day.</summary>
internal static class DailyDigestNotification
{
    private const int MostJobRuns = 1000;

    /// <param name="day">That it is sent on.</param>
    /// <param name="jobs">That it is of; null for all.</param>
    public static string Id(DateOnly day, IReadOnlyList<string>? jobs) =>
        $"migrator.digest.{day:yyyyMMdd}.{NotificationFormat.Hash(jobs ?? [])}";

    /// <param name="jobRuns">That were over between the two times, of these jobs.</param>
    public static Notification Of(
        string id,
        DateOnly day,
        DateTimeOffset since,
        DateTimeOffset until,
        IReadOnlyList<string>? jobs,
        IReadOnlyList<JobRunStatus> jobRuns,
        IReadOnlyList<(JobDefinition Job, IReadOnlyList<OverdueMailbox> Overdue)> overdue,
        Uri? dashboard
    )
    {
        List<JobRunStatus> sorted =
        [
            .. jobRuns.OrderBy(jobRun => jobRun.Runs.Complete == jobRun.Runs.All).ThenBy(jobRun => jobRun.Finished),
        ];
        var overdueMailboxes = overdue.SelectMany(of => of.Overdue.Select(mailbox => (of.Job, Mailbox: mailbox))).ToList();
        var bad = sorted.Count(jobRun => jobRun.Runs.Complete != jobRun.Runs.All);
        var verdict =
            (jobRuns.Count, bad) switch
            {
                (0, _) => "no job runs",
                (1, 0) => "1 job run, complete",
                (1, _) => "1 job run, not complete",
                (var all, 0) => $"all {Format.Count(all)} job runs complete",
                var (all, _) => $"{Format.Count(all - bad)} of {Format.Count(all)} job runs complete, {Format.Count(bad)} not",
            } + (overdueMailboxes.Count == 0 ? "" : $"; {Format.Count(overdueMailboxes.Count, "mailbox", "mailboxes")} overdue");
        var title = $"{(jobs is null ? "" : $"{string.Join(", ", jobs)}: ")}{verdict}";
        var link = NotificationFormat.Link(dashboard, jobs is [var only] ? only : null);
        var messages = jobRuns.Aggregate(default(MessageCounts), (sum, jobRun) => sum + jobRun.Messages);
        var page = new NotificationContent(
            title,
            bad == 0 && overdueMailboxes.Count == 0,
            [
                ("From", Format.Moment(since)),
                ("To", Format.Moment(until)),
                ("Job runs", Format.Count(jobRuns.Count)),
                ("Messages", NotificationFormat.Counts(messages, "new")),
            ],
            [
                NotificationTable.Of(
                    "Overdue mailboxes",
                    ["Mailbox", "Job", "Last complete"],
                    overdueMailboxes,
                    of => [of.Mailbox.Mailbox, of.Job.Name, of.Mailbox.LastSuccess is { } good ? Format.Moment(good) : "never"]
                ),
                NotificationTable.Of(
                    "Job runs",
                    ["Job", "Outcome", "Mailboxes", "Messages", "Ended"],
                    sorted,
                    jobRun =>
                        [
                            jobRun.Job,
                            JobRunNotification.Word(jobRun.Runs),
                            NotificationFormat.Counts(jobRun.Runs),
                            NotificationFormat.Counts(jobRun.Messages, "new"),
                            Format.Moment(jobRun.Finished ?? jobRun.Started),
                        ]
                ),
            ],
            link
        );
        return new Notification(
            id,
            NotificationFormat.Subject($"{day:yyyy-MM-dd}: {title}"),
            until,
            page,
            NotificationFormat.Json(
                new
                {
                    Event = "digest.daily",
                    NotificationFormat.Version,
                    Id = id,
                    Day = day,
                    Since = since,
                    Until = until,
                    Jobs = jobs,
                    Messages = messages,
                    JobRunCount = jobRuns.Count,
                    JobRuns = sorted
                        .Take(MostJobRuns)
                        .Select(jobRun => new
                        {
                            jobRun.Job,
                            jobRun.JobRun,
                            jobRun.Cause,
                            jobRun.ScheduledFor,
                            jobRun.Started,
                            jobRun.Finished,
                            Outcome = JobRunNotification.Outcome(jobRun.Runs),
                            Runs = new
                            {
                                jobRun.Runs.All,
                                jobRun.Runs.Complete,
                                jobRun.Runs.Partial,
                                jobRun.Runs.Failed,
                                jobRun.Runs.Cancelled,
                            },
                            jobRun.Messages,
                        }),
                    Overdue = overdueMailboxes.Select(of => new
                    {
                        Job = of.Job.Name,
                        of.Mailbox.Mailbox,
                        of.Mailbox.LastSuccess,
                        of.Mailbox.Since,
                    }),
                    Link = link,
                }
            )
        );
    }
}
