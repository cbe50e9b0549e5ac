using Migrator.App.Commands;
using Migrator.App.Execution;
using Migrator.App.Health;
using Migrator.App.Hosting;
using Migrator.App.Jobs;
using Migrator.App.Logging;
using Migrator.App.Output;
using Migrator.App.Settings;
using Migrator.Core.Auditing;
using Migrator.Core.Jobs;
using Migrator.Service.Dashboard;
using Migrator.Service.Dashboard.Feed;
using Migrator.Service.Dashboard.Security;
using Migrator.Service.Execution;
using Migrator.Service.Jobs;
using Migrator.Service.Notifications;
using Migrator.Service.Schedules;
using Migrator.Service.Settings;
using Migrator.Service.Telemetry;
using Migrator.Storage.Auditing;

namespace Migrator.Service.Commands;

/// <summary><c>migrator serve</c>: the service, and where its parts are put together.</summary>
internal static class ServeCommand
{
    // A little more than running mailboxes are given, and a little less than the process has (Program): what was not said of them by then
    // is found by their leases.
    private static readonly TimeSpan s_shutdown = TimeSpan.FromSeconds(19);

    public static async Task<int> RunAsync(CommandContext context, CancellationToken stop)
    {
        StandardOutput.IsOnRecord();
        SettingsValidator.Run(context.Settings);
        using var alone = context.Stores.Database is null ? ServiceLock.Take(context.Paths.Root) : null;
        await using var stores = Stores.Open(context);
        // Before anything is started: a database that cannot be used is reported.
        await stores.History.NowAsync(stop);
        var identity = WorkerIdentity.New();
        using var spool = WorkerSpool.Open(context.Paths.Spools, identity.Name);
        var start = new HostStartup(context);
        start.CheckCertificate();
        await using var app = Build(context, stores, identity, spool, start);
        await start.RunAsync(app);
        var log = app.Services.GetRequiredService<ILogger<WorkerService>>();
        foreach (var url in app.Urls)
            log.DashboardAt(url);
        var auditor = app.Services.GetRequiredService<Auditor>();
        await auditor.NoteAsync(
            AuditEvent.ServiceStarted,
            AuditSubject.Of(("jobs", stores.Settings.Jobs), ("pages", string.Join(' ', app.Urls))),
            AuditOutcome.Done
        );
        try
        {
            await HostShutdown.WaitAsync(app, stop);
        }
        finally
        {
            await auditor.NoteAsync(AuditEvent.ServiceStopped, [], AuditOutcome.Done);
        }
        return ExitCode.Success;
    }

    private static WebApplication Build(
        CommandContext context,
        Stores stores,
        WorkerIdentity identity,
        WorkerSpool spool,
        HostStartup start
    )
    {
        var builder = WebApplication.CreateBuilder(DashboardEndpoints.Options([]));
        var settings = context.Settings;
        // Not what the framework finds around itself: one place for settings.
        builder.Configuration.Sources.Clear();
        builder.Configuration.AddConfiguration(settings).AddInMemoryCollection(TelemetrySetup.Variables);
        var secrets = SettingSecrets.Resolver(settings);
        if (DashboardSettings.Read(settings).CertificatePassword is { } password)
            builder.Configuration.AddInMemoryCollection([
                KeyValuePair.Create<string, string?>(
                    $"{DashboardSettings.CertificateKey}:Password",
                    secrets.Resolve(password, "password of the certificate")
                ),
            ]);
        builder.Logging.ClearProviders().AddLogs(settings);
        start.Quieten(builder.Logging);
        builder.WebHost.UseDashboardFiles();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        builder.Services.AddSystemdNotices().AddWindowsService(options => options.ServiceName = "Migrator");
        builder.Services.Configure<HostOptions>(options =>
        {
            options.ShutdownTimeout = s_shutdown;
            // One after another, mailboxes would hear of it only when the schedules are done with a database that says nothing.
            options.ServicesStopConcurrently = true;
        });
        builder
            .Services.AddSingleton(context.Time)
            .AddSingleton(secrets)
            .AddSingleton(stores.Settings)
            .AddSingleton(stores.Catalogue)
            .AddSingleton(stores.Queue)
            .AddSingleton(stores.History)
            .AddSingleton(stores.Notifications)
            .AddSingleton(stores.Control)
            .AddSingleton(identity)
            .AddSingleton(services => new Auditor(
                new AuditTrail(context.Paths.Root, context.Time),
                AuditActors.Service(identity),
                services.GetRequiredService<ILogger<Auditor>>()
            ))
            .AddSingleton<ArchiveCache>()
            .AddSingleton(new OverduePolicy(UsualDistance))
            .AddSingleton(services => ActivatorUtilities.CreateInstance<JobFiles>(services, stores.Settings.Jobs))
            .AddHostedService<JobDirectory>()
            .AddSingleton(services => new Dispatcher(
                stores.Queue,
                () => stores.Catalogue.Jobs,
                job => WindowClock.Of(job)?.IsOpen(context.Time.GetUtcNow()) != false,
                identity,
                stores.Settings,
                context.ForService(services.GetRequiredService<ILoggerFactory>(), services.GetRequiredService<Auditor>()),
                spool,
                services.GetRequiredService<ArchiveCache>(),
                false,
                services.GetRequiredService<ILogger<Dispatcher>>()
            ))
            .AddSingleton(services => services.GetRequiredService<Dispatcher>().Heartbeat)
            .AddSingleton(new StateDirectoryProbe(context.Paths.Root, context.Time))
            .AddHostedService<WorkerService>()
            .AddHostedService(services =>
            {
                var exposures = new Exposures(settings, context.Stores.With(context.Paths, context.Secrets.ForService()), context.Errors);
                return new ExposureWatch(
                    new ServiceExposures(settings, exposures),
                    exposures,
                    stores.Catalogue,
                    services.GetRequiredService<ILogger<WorkerService>>()
                );
            })
            .AddSingleton(context.Sessions.Tokens)
            .AddNotifications(NotificationSettings.Read(settings))
            .AddSingleton(services => new ScheduleLook(
                job => NextRun.Of(job, context.Time.GetUtcNow()),
                services.GetRequiredService<OverduePolicy>().Limit
            ))
            .AddTelemetry(settings, identity.Name)
            .AddDashboard(settings);
        if (context.Stores.Database is { } database)
            builder.Services.AddSharedSchedules(database);
        else
            builder.Services.AddSchedules(start.ReserveSchedules());
        if (settings.Providers.OfType<VaultConfiguration>().FirstOrDefault() is { } vault)
            builder.Services.AddSingleton(vault).AddHostedService<VaultReload>();
        var app = builder.Build();
        foreach (var url in app.Services.GetRequiredService<DashboardSettings>().Urls)
            app.Urls.Add(url.Text);
        app.MapDashboard();
        // Where nobody is asked who they are, the page's guard keeps other web sites from reading along.
        var names = app.Services.GetRequiredService<HostNames>();
        app.MapSeen(
            endpoint =>
                _ = app.Services.GetRequiredService<DashboardSettings>().AsksForLogin
                    ? endpoint.RequireAuthorization(DashboardRoles.MayLook)
                    : endpoint.WithMetadata(new DashboardEndpoint()),
            request => DashboardRoles.CanLook(request.User) && names.Contain(request.Request.Host)
        );
        return app;

        TimeSpan? UsualDistance(JobDefinition job)
        {
            var next = ScheduleTimes.Next(job, context.Time.GetUtcNow(), 8);
            // The longest of a week: nobody is late on Monday because nothing runs on Sundays.
            return next.Count < 2 ? null : next.Zip(next.Skip(1), (earlier, later) => later - earlier).Max();
        }
    }
}
