using System.Globalization;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Migrator.App.Execution;
using Migrator.App.Hosting;
using Migrator.App.Jobs;
using Migrator.App.Settings;
using Migrator.Core.Auditing;
using Migrator.Core.Failures;
using Migrator.Core.JobRuns;

namespace Migrator.Service.Execution;

/// <summary>Runs the dispatcher for as long as the service runs, and clears away what is older than history is kept.</summary>
public sealed class WorkerService(
    Dispatcher dispatcher,
    JobCatalogue catalogue,
    IRunHistory history,
    WorkerIdentity identity,
    WorkerSettings settings,
    IHostApplicationLifetime lifetime,
    Auditor auditor,
    TimeProvider time,
    ILogger<WorkerService> log
) : BackgroundService
{
    private static readonly TimeSpan s_purge = TimeSpan.FromHours(6);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await lifetime.WaitAsync(stoppingToken);
            log.Serving(identity.Name, catalogue.Jobs.Count, settings.MaxConcurrency);
            var purging = PurgeAsync(stoppingToken);
            await dispatcher.RunAsync(stoppingToken);
            await purging.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        finally
        {
            // Also where the service is asked to stop before it has begun.
            log.Stopped(identity.Name);
        }
    }

    private async Task PurgeAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(s_purge, time);
        do
        {
            try
            {
                var before = await history.NowAsync(stop) - settings.KeepHistory;
                await auditor.ActAsync(
                    AuditEvent.HistoryPurged,
                    AuditSubject.Of(("before", before.UtcDateTime.ToString("u", CultureInfo.InvariantCulture))),
                    () => history.PurgeAsync(before, stop)
                );
            }
            catch (StorageException)
            {
                // It could not be recorded, which the log says. It is tried again at the next time.
            }
            catch (JobRunStoreException exception)
            {
                log.StoreFails(exception.Message);
            }
        } while (await timer.WaitForNextTickAsync(stop));
    }
}
