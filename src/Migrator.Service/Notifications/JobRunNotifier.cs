using Migrator.App.Jobs;
using Migrator.App.Settings;
using Migrator.Core.JobRuns;
using Migrator.Core.Jobs;

namespace Migrator.Service.Notifications;

/// <summary>Tells of each job run that is over, by the rules of settings and job.</summary>
public sealed class JobRunNotifier(
    IRunHistory history,
    INotificationLedger ledger,
    JobCatalogue catalogue,
    NotificationSettings settings,
    NotificationOutbox mailroom
)
{
    /// <summary>All that wait now.</summary>
    public async Task NotifyAsync(CancellationToken cancellationToken)
    {
        // Before the job files are read, it is not known who is to be notified.
        if (!catalogue.WasRead)
            return;
        while (await ledger.ClaimFinishedAsync(NotificationOutbox.Lease, cancellationToken) is { } jobRun)
        {
            if (await NotifyAsync(jobRun, cancellationToken))
                // Also while going down: it was sent.
                await ledger.MarkNotifiedAsync(jobRun.JobRun, CancellationToken.None);
        }
    }

    private async Task<bool> NotifyAsync(JobRunStatus jobRun, CancellationToken cancellationToken)
    {
        // A newly added recipient does not receive old notifications.
        if (await history.NowAsync(cancellationToken) - jobRun.Finished > NotificationOutbox.Patience)
            return true;
        var job = catalogue.Find(jobRun.Job);
        var to = Recipients.Of(settings, job?.Notify, jobRun.Runs.Complete == jobRun.Runs.All ? NotifyOn.Success : NotifyOn.Failure);
        return to.IsEmpty
            || await mailroom.SendAsync(
                JobRunNotification.Of(
                    jobRun,
                    await history.RunsOfAsync(jobRun.JobRun, cancellationToken),
                    job?.IsUpkeep == true,
                    settings.Url
                ),
                to,
                cancellationToken
            );
    }
}
