using System.Threading.Channels;
using Migrator.App.Jobs;
using Migrator.Service.Execution;
using Quartz;

namespace Migrator.Service.Schedules;

/// <summary>Keeps Quartz's schedules as the job files say, and starts Quartz once they do: a start that was missed, and is to be made up
/// for, must find its job.</summary>
internal sealed partial class ScheduleService(
    JobCatalogue catalogue,
    ScheduleSync sync,
    ISchedulerFactory schedulers,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    ILogger<ScheduleService> logger
) : BackgroundService
{
    private static readonly TimeSpan s_wait = TimeSpan.FromSeconds(30);
    private readonly Channel<bool> _changes = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite }
    );

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        catalogue.Changed += OnChange;
        try
        {
            await catalogue.Filled.WaitAsync(stoppingToken);
            // Else a service that cannot start would take the schedules of the one that runs for those of jobs that are gone.
            await lifetime.WaitAsync(stoppingToken);
            await SyncAsync(stoppingToken);
            await (await schedulers.GetScheduler(stoppingToken)).Start(stoppingToken);
            Running(catalogue.Jobs.Count(job => job.Schedule is not null));
            while (await _changes.Reader.WaitToReadAsync(stoppingToken))
            {
                _changes.Reader.TryRead(out _);
                await SyncAsync(stoppingToken);
            }
        }
        catch (Exception exception)
            when (exception is OperationCanceledException or ObjectDisposedException or SchedulerException
                && lifetime.ApplicationStopping.IsCancellationRequested
            )
        {
            // Asked to stop while it began: Quartz may be gone before this is.
        }
        finally
        {
            catalogue.Changed -= OnChange;
        }
    }

    private void OnChange() => _changes.Writer.TryWrite(true);

    private async Task SyncAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await sync.SyncAsync(cancellationToken);
                return;
            }
            catch (SchedulerException exception) when (!lifetime.ApplicationStopping.IsCancellationRequested)
            {
                NotSynced((int)s_wait.TotalSeconds, exception.GetBaseException().Message);
                await Task.Delay(s_wait, time, cancellationToken);
            }
        }
    }

    [LoggerMessage(
        2114,
        LogLevel.Error,
        "The schedules could not be brought in line with the job files; trying again in {Seconds} s: {Why}"
    )]
    private partial void NotSynced(int seconds, string why);

    [LoggerMessage(2115, LogLevel.Information, "Scheduler started; scheduled jobs: {Jobs}")]
    private partial void Running(int jobs);
}
