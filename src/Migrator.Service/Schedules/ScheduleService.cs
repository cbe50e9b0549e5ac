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
) : BackgroundService, IHostedLifecycleService
{
    private static readonly TimeSpan s_wait = TimeSpan.FromSeconds(30);
    private readonly SemaphoreSlim _starting = new(1, 1);
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
            await StartSchedulerAsync(await schedulers.GetScheduler(stoppingToken), stoppingToken);
            Running(catalogue.Jobs.Count(job => job.Schedule is not null));
            while (await _changes.Reader.WaitToReadAsync(stoppingToken))
            {
                _changes.Reader.TryRead(out _);
                await SyncAsync(stoppingToken);
            }
        }
        catch (Exception exception)
            when (exception is OperationCanceledException or SchedulerException && lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // Asked to stop while it began.
        }
        finally
        {
            catalogue.Changed -= OnChange;
        }
    }

    /// <summary>Ends once Quartz has started, or never will: services stop at the same time, and Quartz throws whatever comes to hand where
    /// it is shut down while it starts.</summary>
    public Task StoppingAsync(CancellationToken cancellationToken) => _starting.WaitAsync(cancellationToken);

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Dispose()
    {
        _starting.Dispose();
        base.Dispose();
    }

    private void OnChange() => _changes.Writer.TryWrite(true);

    private async Task StartSchedulerAsync(IScheduler scheduler, CancellationToken stoppingToken)
    {
        await _starting.WaitAsync(stoppingToken);
        try
        {
            // Not to be broken off: what has half started cannot be shut down either.
            await scheduler.Start(CancellationToken.None);
        }
        finally
        {
            _starting.Release();
        }
    }

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
