using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Migrator.App.Jobs;
using Migrator.Core.JobRuns;
using Migrator.Core.Jobs;
using Migrator.Service.Schedules;
using Quartz;

namespace Migrator.Tests.Schedules;

/// <summary>A worker that does nothing but start job runs when schedules say so, most often with a clock that only tests move.</summary>
internal sealed class SchedulingWorker : IAsyncDisposable
{
    private readonly IHost _host;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<int, Channel<string>> _log = [];

    private SchedulingWorker(TimeProvider time, IRunQueue store, Action<IServiceCollection> schedules)
    {
        _time = time;
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton(time).AddSingleton(Catalogue).AddSingleton(store);
        builder.Services.AddLogging(logging => logging.AddProvider(new Log((id, message) => Logged(id).Writer.TryWrite(message))));
        schedules(builder.Services);
        _host = builder.Build();
    }

    public FakeTimeProvider Time => (FakeTimeProvider)_time;

    public JobCatalogue Catalogue { get; } = new();

    public static async Task<SchedulingWorker> StartAsync(
        string now,
        IRunQueue store,
        string file,
        CancellationToken cancellationToken,
        params IReadOnlyList<JobDefinition> jobs
    ) =>
        await StartAsync(
            new FakeTimeProvider(Definitions.Moment(now)),
            store,
            services => services.AddSchedules(file),
            cancellationToken,
            jobs
        );

    public static async Task<SchedulingWorker> StartAsync(
        TimeProvider time,
        IRunQueue store,
        Action<IServiceCollection> schedules,
        CancellationToken cancellationToken,
        params IReadOnlyList<JobDefinition> jobs
    )
    {
        var worker = new SchedulingWorker(time, store, schedules);
        await worker._host.StartAsync(cancellationToken);
        worker.Catalogue.Replace(jobs, []);
        await worker.LoggedAsync(2115, cancellationToken);
        return worker;
    }

    public async Task<IScheduler> SchedulerAsync(CancellationToken cancellationToken) =>
        await _host.Services.GetRequiredService<ISchedulerFactory>().GetScheduler(cancellationToken);

    /// <summary>Puts the clock to a moment and then lets it run, until something is there.</summary>
    public async Task<T> UntilAsync<T>(string moment, Task<T> awaited)
    {
        if (Definitions.Moment(moment) is var due && due > Time.GetUtcNow())
            Time.SetUtcNow(due);
        // Slowly: what is more than a minute late is missed.
        while (await Task.WhenAny(awaited, Task.Delay(10)) != awaited)
            Time.Advance(TimeSpan.FromMilliseconds(50));
        return await awaited;
    }

    /// <summary>The next message of an event.</summary>
    public async Task<string> LoggedAsync(int id, CancellationToken cancellationToken) =>
        await Logged(id).Reader.ReadAsync(cancellationToken);

    public bool WasLogged(int id) => Logged(id).Reader.TryPeek(out _);

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }

    private Channel<string> Logged(int id) => _log.GetOrAdd(id, _ => Channel.CreateUnbounded<string>());

    private sealed class Log(Action<int, string> log) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) =>
            categoryName.StartsWith("Migrator", StringComparison.Ordinal) ? this : NullLogger.Instance;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        void ILogger.Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        ) => log(eventId.Id, formatter(state, exception));

        public void Dispose() { }
    }
}
