using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Migrator.App.Execution;
using Migrator.App.Health;
using Migrator.App.Jobs;
using Migrator.Core.JobRuns;
using Migrator.Service.Execution;
using Migrator.Service.Telemetry;
using OpenTelemetry.Metrics;
using Xunit;

namespace Migrator.Tests.Telemetry;

/// <summary>What can be seen of a worker, served on a free port of loopback. Instruments are the process's: tests that use it run one
/// after the other, in the collection of its name.</summary>
internal sealed class SeenWorker : IAsyncDisposable
{
    private readonly HttpClient _http;
    private readonly DirectoryInfo _state;

    private SeenWorker(WebApplication application, DirectoryInfo state)
    {
        (Application, _state) = (application, state);
        _http = new HttpClient { BaseAddress = new Uri(application.Urls.Single()) };
    }

    public WebApplication Application { get; }

    public FixedJobRuns JobRuns => (FixedJobRuns)Application.Services.GetRequiredService<IRunQueue>();

    public JobCatalogue Catalogue => Application.Services.GetRequiredService<JobCatalogue>();

    public static async Task<SeenWorker> StartAsync(params (string Key, string Value)[] settings)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)));
        builder.Configuration["urls"] = "http://127.0.0.1:0";
        builder.Logging.ClearProviders();
        var jobRuns = new FixedJobRuns();
        builder.Services.AddSingleton<IRunQueue>(jobRuns).AddSingleton<IRunHistory>(jobRuns);
        builder.Services.AddSingleton<JobCatalogue>();
        builder.Services.AddSingleton(new OverduePolicy(job => job.Schedule?.Every));
        var state = Directory.CreateTempSubdirectory("seen");
        builder.Services.AddSingleton<Heartbeat>().AddSingleton(new StateDirectoryProbe(state.FullName, TimeProvider.System));
        builder.Services.AddTelemetry(builder.Configuration);
        // Schedulers of other tests have meters of this name in the same process. When one ends and the next begins between two scrapes,
        // OpenTelemetry shows the series of both, with the same labels. A worker has one scheduler.
        builder.Services.ConfigureOpenTelemetryMeterProvider(metrics =>
            metrics.AddView(instrument => instrument.Meter.Name == "Quartz" ? MetricStreamConfiguration.Drop : null)
        );
        var application = builder.Build();
        application.MapSeen();
        await application.StartAsync(TestContext.Current.CancellationToken);
        return new SeenWorker(application, state);
    }

    /// <summary>A new scrape after the store was asked again.</summary>
    public async Task<PrometheusText> ScrapeAsync()
    {
        await Application.Services.GetRequiredService<JobRunMetrics>().RefreshAsync(TestContext.Current.CancellationToken);
        using var response = await _http.GetAsync("/metrics", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return PrometheusText.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    public async Task<(HttpStatusCode Code, JsonElement Body)> AskAsync(string path)
    {
        using var response = await _http.GetAsync(path, TestContext.Current.CancellationToken);
        return (
            response.StatusCode,
            JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement
        );
    }

    /// <summary>The worker reports to its store.</summary>
    public async Task HeartbeatAsync()
    {
        try
        {
            await Application
                .Services.GetRequiredService<Heartbeat>()
                .ObserveAsync(JobRuns.NowAsync(TestContext.Current.CancellationToken));
        }
        catch (JobRunStoreException)
        {
            // As the dispatcher does: it tries again.
        }
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await Application.DisposeAsync();
        _state.Delete(recursive: true);
    }
}
