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

/// <summary>A service that is asked to stop while Quartz starts.</summary>
public sealed class StopWhileStartingTests : IDisposable
{
    private readonly DirectoryInfo _state = Directory.CreateTempSubdirectory("schedules");

    public void Dispose() => _state.Delete(recursive: true);

    [Fact]
    public async Task Quartz_is_shut_down_only_once_it_has_started()
    {
        var (log, catalogue, starting) = (new ListLogger(), new JobCatalogue(), new HeldStart());
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton(TimeProvider.System).AddSingleton(catalogue).AddSingleton<IRunQueue>(new RecordingRunQueue());
        builder.Services.AddLogging(logging => logging.AddProvider(log)).AddSchedules(Path.Combine(_state.FullName, "schedules.db"));
        builder.Services.Configure<HostOptions>(options => options.ServicesStopConcurrently = true);
        using var host = builder.Build();
        await host.StartAsync(TestContext.Current.CancellationToken);
        var scheduler = await host.Services.GetRequiredService<ISchedulerFactory>().GetScheduler(TestContext.Current.CancellationToken);
        scheduler.ListenerManager.AddSchedulerListener(starting);
        catalogue.Replace([], []);
        await starting.Begun.WaitAsync(TestContext.Current.CancellationToken);

        var stopped = host.StopAsync(TestContext.Current.CancellationToken);
        var meanwhile = scheduler.Status;
        starting.Release();
        await stopped;

        Assert.False(meanwhile is SchedulerStatus.ShuttingDown or SchedulerStatus.Shutdown, $"{meanwhile}");
        Assert.Equal(SchedulerStatus.Shutdown, scheduler.Status);
        Assert.DoesNotContain("Exception", log.Everything);
    }

    /// <summary>Holds Quartz at the beginning of its start.</summary>
    private sealed class HeldStart : ISchedulerListener
    {
        private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Begun => _begun.Task;

        public void Release() => _released.SetResult();

        public async ValueTask SchedulerStarting(IScheduler scheduler, CancellationToken cancellationToken)
        {
            _begun.SetResult();
            await _released.Task.WaitAsync(cancellationToken);
        }
    }
}
