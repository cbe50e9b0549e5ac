using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Migrator.App.Jobs;
using Migrator.Core.JobRuns;
using Migrator.Service.Schedules;
using Migrator.Tests.Notifications;
using Quartz;
using Xunit;

namespace Migrator.Tests.Schedules;

/// <summary>A service that is asked to stop while it uses Quartz.</summary>
public sealed class ScheduleServiceStopTests : IDisposable
{
    private readonly DirectoryInfo _state = Directory.CreateTempSubdirectory("schedules");
    private readonly ListLogger _log = new();
    private readonly JobCatalogue _catalogue = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _state.Delete(recursive: true);

    [Fact]
    public async Task Quartz_is_shut_down_only_once_it_has_started()
    {
        var held = new HeldScheduler();
        using var host = await StartAsync(held);
        _catalogue.Replace([], []);
        await held.Starting.WaitAsync(Cancelled);

        var stopped = host.StopAsync(Cancelled);
        held.Start();
        await stopped;

        AssertStoppedInOrder(host, held);
    }

    [Fact]
    public async Task Quartz_is_shut_down_only_once_it_has_no_command()
    {
        var held = new HeldScheduler();
        held.Start();
        using var host = await StartAsync(held);
        _catalogue.Replace([Definitions.Job("\"cron\": \"0 2 * * *\"")], []);
        await held.Scheduling.WaitAsync(Cancelled);

        await host.StopAsync(Cancelled);

        AssertStoppedInOrder(host, held);
    }

    private async Task<IHost> StartAsync(HeldScheduler held)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton(TimeProvider.System).AddSingleton(_catalogue).AddSingleton<IRunQueue>(new RecordingRunQueue());
        builder.Services.AddLogging(logging => logging.AddProvider(_log)).AddSchedules(Path.Combine(_state.FullName, "schedules.db"));
        builder.Services.AddSingleton<OtherService>().AddHostedService(services => services.GetRequiredService<OtherService>());
        builder.Services.Configure<HostOptions>(options => options.ServicesStopConcurrently = true);
        var host = builder.Build();
        await host.StartAsync(Cancelled);
        var scheduler = await host.Services.GetRequiredService<ISchedulerFactory>().GetScheduler(Cancelled);
        scheduler.ListenerManager.AddSchedulerListener(held);
        return host;
    }

    private void AssertStoppedInOrder(IHost host, HeldScheduler scheduler)
    {
        Assert.True(host.Services.GetRequiredService<OtherService>().StoppedAfterSchedules);
        Assert.True(scheduler.IsShutDown);
        Assert.DoesNotContain("Exception", _log.Everything);
    }

    /// <summary>Is stopped when Quartz is.</summary>
    private sealed class OtherService(IServiceProvider services) : IHostedService
    {
        public bool StoppedAfterSchedules { get; private set; }

        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken)
        {
            StoppedAfterSchedules =
                services.GetServices<IHostedService>().OfType<BackgroundService>().Single().ExecuteTask is { IsCompleted: true };
            return Task.CompletedTask;
        }
    }

    /// <summary>Holds Quartz at the beginning of its start until the test allows it, and in the middle of a command until that is
    /// cancelled.</summary>
    private sealed class HeldScheduler : ISchedulerListener
    {
        private readonly TaskCompletionSource _starting = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _scheduling = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Starting => _starting.Task;

        public Task Scheduling => _scheduling.Task;

        public bool IsShutDown { get; private set; }

        public void Start() => _started.SetResult();

        public async ValueTask SchedulerStarting(IScheduler scheduler, CancellationToken cancellationToken)
        {
            _starting.SetResult();
            await _started.Task.WaitAsync(cancellationToken);
        }

        public ValueTask SchedulerShutdown(IScheduler scheduler, CancellationToken cancellationToken)
        {
            IsShutDown = true;
            return ValueTask.CompletedTask;
        }

        public async ValueTask JobScheduled(IScheduler scheduler, ITrigger trigger, CancellationToken cancellationToken)
        {
            _scheduling.TrySetResult();
            await Task.Delay(Timeout.Infinite, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
