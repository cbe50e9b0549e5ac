using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Migrator.Core.JobRuns;
using Migrator.Service.Execution;

namespace Migrator.Service.Notifications;

/// <summary>Tells people of job runs that are over, of mailboxes that are overdue, and once a day of everything.</summary>
/// <remarks>All workers do this; the store sees to it that one of them tells. A notification is sent at least once: where a worker dies in
/// between, somebody may be notified twice, with the same id.</remarks>
public sealed class NotificationService(
    JobRunNotifier jobRuns,
    OverdueNotifier overdue,
    DailyDigestNotifier digest,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    ILogger<NotificationService> log
) : BackgroundService
{
    private static readonly TimeSpan s_tick = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan s_minute = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await lifetime.WaitAsync(stoppingToken);
        using var timer = new PeriodicTimer(s_tick, time);
        DateTimeOffset? looked = null;
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await GuardAsync(jobRuns.NotifyAsync, stoppingToken);
            if (time.GetUtcNow() - looked < s_minute)
                continue;
            looked = time.GetUtcNow();
            await GuardAsync(overdue.NotifyAsync, stoppingToken);
            await GuardAsync(digest.NotifyAsync, stoppingToken);
        }
    }

    /// <summary>An edge: what cannot be sent must not take the service down.</summary>
    private async Task GuardAsync(Func<CancellationToken, Task> tell, CancellationToken stop)
    {
        try
        {
            await tell(stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            throw;
        }
        catch (JobRunStoreException exception)
        {
            log.NotificationsWait(exception.Message);
        }
        catch (Exception exception)
        {
            log.NotifyFailed(exception);
        }
    }
}
