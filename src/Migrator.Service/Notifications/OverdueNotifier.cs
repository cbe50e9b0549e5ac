using Migrator.App.Health;
using Migrator.App.Settings;
using Migrator.Core.JobRuns;
using Migrator.Core.Jobs;

namespace Migrator.Service.Notifications;

/// <summary>Tells of mailboxes that are overdue: of each once, until it had a complete run and is overdue again.</summary>
public sealed class OverdueNotifier(
    IRunHistory history,
    INotificationLedger ledger,
    JobHealth health,
    OverduePolicy overduePolicy,
    NotificationSettings settings,
    NotificationOutbox mailroom
)
{
    public async Task NotifyAsync(CancellationToken cancellationToken)
    {
        var now = await history.NowAsync(cancellationToken);
        foreach (var (job, overdue) in await health.OverdueAsync(cancellationToken))
        {
            var to = Recipients.Of(settings, job.Notify, NotifyOn.Failure);
            // Nothing is treated as sent where there is nobody to tell.
            if (to.IsEmpty)
                continue;
            var keys = (
                await ledger.TakeAsync([.. overdue.Select(mailbox => Key(job, mailbox))], NotificationOutbox.Lease, cancellationToken)
            ).ToHashSet(StringComparer.Ordinal);
            if (keys.Count == 0)
                continue;
            var notification = OverdueNotification.Of(
                job,
                overduePolicy.Limit(job),
                [.. overdue.Where(mailbox => keys.Contains(Key(job, mailbox)))],
                now,
                settings.Url
            );
            if (await mailroom.SendAsync(notification, to, cancellationToken))
                await ledger.DoneAsync(keys, CancellationToken.None);
        }
    }

    private static string Key(JobDefinition job, OverdueMailbox mailbox) =>
        $"late:{job.Name}:{mailbox.Mailbox}:{mailbox.LastSuccess?.ToUnixTimeMilliseconds()}";
}
