using Migrator.App.Health;
using Migrator.App.Jobs;
using Migrator.App.Settings;
using Migrator.Core.JobRuns;
using Migrator.Core.Jobs;
using Migrator.Core.Secrets;

namespace Migrator.Service.Notifications;

/// <summary>Tells once a day of the job runs since yesterday's time, and of who is overdue.</summary>
public sealed class DailyDigestNotifier(
    IRunHistory history,
    INotificationLedger ledger,
    JobCatalogue catalogue,
    JobHealth health,
    NotificationSettings settings,
    NotificationOutbox mailroom,
    TimeProvider time
)
{
    private const int MostJobRuns = 20_000;

    public async Task NotifyAsync(CancellationToken cancellationToken)
    {
        var zone = time.LocalTimeZone;
        var local = TimeZoneInfo.ConvertTime(time.GetUtcNow(), zone).DateTime;
        if (!catalogue.WasRead)
            return;
        // What could not be sent before midnight is sent after it.
        var day = DateOnly.FromDateTime(local).AddDays(TimeOnly.FromDateTime(local) < settings.DailyAt ? -1 : 0);
        var groups = Groups().ToDictionary(group => DailyDigestNotification.Id(day, group.Jobs));
        if (
            groups.Count == 0
            || await ledger.TakeAsync(groups.Keys, NotificationOutbox.Lease, cancellationToken) is not { Count: > 0 } taken
        )
            return;
        var (since, until) = (At(day.AddDays(-1), zone), At(day, zone));
        List<JobRunStatus> jobRuns =
        [
            .. (await history.JobRunsAsync(null, MostJobRuns, cancellationToken)).Where(jobRun =>
                jobRun.Finished >= since && jobRun.Finished < until
            ),
        ];
        var overdue = await health.OverdueAsync(cancellationToken);
        foreach (var id in taken)
        {
            var (jobs, to) = groups[id];
            var notification = DailyDigestNotification.Of(
                id,
                day,
                since,
                until,
                jobs,
                [.. jobRuns.Where(jobRun => jobs?.Contains(jobRun.Job) != false)],
                [.. overdue.Where(of => jobs?.Contains(of.Job.Name) != false)],
                settings.Url
            );
            if (await mailroom.SendAsync(notification, to, cancellationToken))
                await ledger.DoneAsync([id], CancellationToken.None);
        }
    }

    /// <summary>Who wants to know of which jobs: those of the settings of all (null), those of jobs of theirs.</summary>
    private List<(IReadOnlyList<string>? Jobs, Recipients To)> Groups()
    {
        var everything = Recipients.Of(settings, null, NotifyOn.Daily);
        var all = everything
            .Mail.Concat(everything.Webhooks.Select(webhook => webhook.ToString()))
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
        var groups = catalogue
            .Jobs.Where(job => (job.Notify.On ?? settings.On).HasFlag(NotifyOn.Daily))
            .SelectMany(job =>
                job.Notify.Mail.Select(address => new NotificationRequest(job.Name, address, null))
                    .Concat(job.Notify.Webhooks.Select(webhook => new NotificationRequest(job.Name, null, webhook)))
            )
            .GroupBy(wish => wish.Who, StringComparer.OrdinalIgnoreCase)
            .Where(wishes => !all.Contains(wishes.Key))
            .Select(wishes => (Jobs: wishes.Select(wish => wish.Job).Distinct().ToList(), Of: wishes.First()))
            .GroupBy(one => string.Join('\n', one.Jobs))
            .Select(same =>
                (
                    (IReadOnlyList<string>?)same.First().Jobs,
                    new Recipients(
                        [.. same.Select(one => one.Of.Mail).OfType<string>()],
                        [.. same.Select(one => one.Of.Webhook).OfType<SecretReference>()]
                    )
                )
            );
        return everything.IsEmpty ? [.. groups] : [(null, everything), .. groups];
    }

    private DateTimeOffset At(DateOnly day, TimeZoneInfo zone)
    {
        var local = day.ToDateTime(settings.DailyAt);
        // An hour that a change of clocks leaves out is the one after it.
        return new DateTimeOffset(local, zone.GetUtcOffset(zone.IsInvalidTime(local) ? local.AddHours(1) : local));
    }

    private sealed record NotificationRequest(string Job, string? Mail, SecretReference? Webhook)
    {
        public string Who => Mail ?? Webhook!.ToString();
    }
}
