using System.Security.Claims;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Migrator.App.Execution;
using Migrator.App.Jobs;
using Migrator.App.Settings;
using Migrator.Core.JobRuns;
using Migrator.Service.Dashboard;
using Migrator.Service.Dashboard.Feed;
using Migrator.Tests.Auditing;

namespace Migrator.Tests.Dashboard;

/// <summary>The page on a free port of this machine, over a store in memory.</summary>
internal sealed class DashboardHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private DashboardHost(WebApplication app, MemoryJobRunStore store, JobCatalogue catalogue, string state) =>
        (_app, Store, Catalogue, State) = (app, store, catalogue, state);

    /// <summary>Has the audit trail.</summary>
    public string State { get; }

    public MemoryJobRunStore Store { get; }

    public JobCatalogue Catalogue { get; }

    /// <summary>Without a slash at its end.</summary>
    public string Url => _app.Urls.Single();

    public IServiceProvider Services => _app.Services;

    /// <summary>Who asked for <c>/elsewhere</c> last, as the page's logins have it.</summary>
    public ClaimsPrincipal? Seen { get; private set; }

    public DashboardFeed Feed => _app.Services.GetRequiredService<DashboardFeed>();

    public static Task<DashboardHost> StartAsync(
        Action<MemoryJobRunStore, JobCatalogue>? fill,
        params (string Key, string? Value)[] settings
    ) => StartAsync(fill, TimeProvider.System, settings);

    /// <param name="time">Of the sessions; the store's is the system's.</param>
    public static async Task<DashboardHost> StartAsync(
        Action<MemoryJobRunStore, JobCatalogue>? fill,
        TimeProvider time,
        params (string Key, string? Value)[] settings
    )
    {
        var builder = WebApplication.CreateBuilder(DashboardEndpoints.Options());
        builder.Logging.ClearProviders();
        builder.WebHost.UseDashboardFiles();
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, setting.Value)));
        var (store, catalogue, state) = (
            new MemoryJobRunStore(TimeProvider.System),
            new JobCatalogue(),
            Directory.CreateTempSubdirectory("dashboard-state").FullName
        );
        fill?.Invoke(store, catalogue);
        builder
            .Services.AddSingleton<IRunQueue>(store)
            .AddSingleton<IRunHistory>(store)
            .AddSingleton(catalogue)
            .AddSingleton<JobControl>()
            .AddSingleton(WorkerSettings.Read(builder.Configuration))
            .AddSingleton(
                new ScheduleLook(
                    job => job.Schedule is null ? null : TimeProvider.System.GetUtcNow().AddHours(7.4),
                    job => job.Policy.OverdueAfter
                )
            );
        builder.Services.AddSingleton(Trail.Auditor(state)).AddSingleton(time);
        builder.Services.AddDashboard(builder.Configuration);
        var app = builder.Build();
        app.Urls.Clear();
        app.Urls.Add(builder.Configuration["Dashboard:Urls"] ?? "http://127.0.0.1:0");
        app.MapDashboard();
        var host = new DashboardHost(app, store, catalogue, state);
        app.MapGet(
            "/elsewhere",
            (HttpContext context) =>
            {
                host.Seen = context.User;
                return "not the page's";
            }
        );
        await app.StartAsync();
        return host;
    }

    public async ValueTask DisposeAsync()
    {
        using var soon = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        await _app.StopAsync(soon.Token);
        await _app.DisposeAsync();
        Directory.Delete(State, recursive: true);
    }
}
