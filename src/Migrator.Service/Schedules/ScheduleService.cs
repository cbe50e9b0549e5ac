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
    private readonly CancellationTokenSource _stopping = new();
    private readonly Channel<bool> _changes = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite }
    );

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var source = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, _stopping.Token);
        var stop = source.Token;
        catalogue.Changed += OnChange;
        try
        {
            await catalogue.Filled.WaitAsync(stop);
            // Else a service that cannot start would take the schedules of the one that runs for those of jobs that are gone.
            await lifetime.WaitAsync(stop);
            await SyncAsync(stop);
            var scheduler = await schedulers.GetScheduler(stop);
            // Not to be broken off: what has half started cannot be shut down either.
            await scheduler.Start(CancellationToken.None);
            Running(catalogue.Jobs.Count(job => job.Schedule is not null));
            while (await _changes.Reader.WaitToReadAsync(stop))
            {
                _changes.Reader.TryRead(out _);
                await SyncAsync(stop);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SchedulerException && stop.IsCancellationRequested)
        {
            // Asked to stop, perhaps in the middle of a command to Quartz.
        }
        finally
        {
            catalogue.Changed -= OnChange;
        }
    }

    /// <summary>Ends this service's use of Quartz before any service is stopped: services stop at the same time, and Quartz throws whatever
    /// comes to hand where it is shut down while it starts or is given a command.</summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        if (ExecuteTask is { } running)
            await running.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Dispose()
    {
        _stopping.Dispose();
        base.Dispose();
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
            catch (SchedulerException exception) when (!cancellationToken.IsCancellationRequested)
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
