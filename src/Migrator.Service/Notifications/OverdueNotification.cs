using Migrator.App.Formatting;
using Migrator.App.Health;
using Migrator.Core.Jobs;

namespace Migrator.Service.Notifications;

/// <summary>Tells of mailboxes of one job that are overdue.</summary>
internal static class OverdueNotification
{
    public static Notification Of(
        JobDefinition job,
        TimeSpan? limit,
        IReadOnlyList<OverdueMailbox> overdue,
        DateTimeOffset now,
        Uri? dashboard
    )
    {
        var (one, many) = job.IsUpkeep ? ("archive", "archives") : ("mailbox", "mailboxes");
        var verdict = overdue.Count == 1 ? $"1 {one} is overdue" : $"{Format.Count(overdue.Count)} {many} are overdue";
        var link = NotificationFormat.Link(dashboard, job.Name);
        // The same when it is sent again.
        var late = overdue.Select(mailbox => $"{mailbox.Mailbox}:{mailbox.LastSuccess?.ToUnixTimeMilliseconds()}");
        var id = $"migrator.late.{NotificationFormat.Hash([job.Name, .. late])}";
        var page = new NotificationContent(
            $"{job.Name}: {verdict}",
            false,
            [
                ("Job", job.Name),
                (
                    "Overdue means",
                    limit is { } after ? $"no complete run for more than {Format.Duration(after)}" : "no complete run for too long"
                ),
                (
                    "What to do",
                    "Check why its runs do not complete; if there are none, check that a worker runs and that its window is long enough."
                ),
            ],
            [
                NotificationTable.Of(
                    $"Overdue {many}",
                    [job.IsUpkeep ? "Archive" : "Mailbox", "Last complete", "Since"],
                    overdue,
                    mailbox =>
                        [
                            mailbox.Mailbox,
                            mailbox.LastSuccess is { } good ? Format.Moment(good) : "never",
                            Format.Duration(now - mailbox.Since),
                        ]
                ),
            ],
            link
        );
        return new Notification(
            id,
            NotificationFormat.Subject($"{job.Name}: {verdict}"),
            now,
            page,
            NotificationFormat.Json(
                new
                {
                    Event = "mailbox.overdue",
                    NotificationFormat.Version,
                    Id = id,
                    Job = job.Name,
                    OverdueAfterSeconds = limit?.TotalSeconds,
                    Overdue = overdue,
                    Link = link,
                }
            )
        );
    }
}
