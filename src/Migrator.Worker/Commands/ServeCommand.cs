using System.CommandLine;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Migrator.Core.Rounds;
using Migrator.Worker.Jobs;
using Migrator.Worker.Serving;

namespace Migrator.Worker.Commands;

/// <summary><c>migrator serve</c>: the service.</summary>
internal static class ServeCommand
{
    // A little more than running mailboxes are given: what was not said of them by then is found by their leases.
    private static readonly TimeSpan s_shutdown = TimeSpan.FromSeconds(25);

    public static Command Create()
    {
        var command = new Command("serve", "Run the jobs of the jobs directory by their schedules, until told to stop.");
        command.SetAction((parsed, stop) => Edge.GuardAsync(CommandLine.Here(parsed), surroundings => RunAsync(surroundings, stop)));
        return command;
    }

    private static async Task<int> RunAsync(Surroundings surroundings, CancellationToken stop)
    {
        await using var stores = Stores.Open(surroundings);
        await using var app = Build(surroundings, stores);
        await app.StartAsync(stop).ConfigureAwait(false);
        await app.WaitForShutdownAsync(stop).ConfigureAwait(false);
        return ExitCode.Success;
    }

    private static WebApplication Build(Surroundings surroundings, Stores stores)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory, ApplicationName = typeof(ServeCommand).Assembly.GetName().Name, EnvironmentName = Settings.EnvironmentName });
        builder.Configuration.AddConfiguration(surroundings.Settings);
        builder.Services.AddSystemd().AddWindowsService(options => options.ServiceName = "Migrator");
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = s_shutdown);
        builder.Services
            .AddSingleton(surroundings.Time)
            .AddSingleton(stores.Settings)
            .AddSingleton(stores.Catalogue)
            .AddSingleton(stores.Rounds)
            .AddSingleton(stores.Control)
            .AddSingleton(WorkerIdentity.New())
            .AddSingleton<OpenArchives>()
            .AddSingleton(services => new Dispatcher(services.GetRequiredService<IRoundStore>(), () => stores.Catalogue.Jobs, _ => true, services.GetRequiredService<WorkerIdentity>(), stores.Settings,
                new Surroundings(surroundings, services.GetRequiredService<ILoggerFactory>()), services.GetRequiredService<OpenArchives>(), false, services.GetRequiredService<ILogger<Dispatcher>>()))
            .AddHostedService<WorkerService>();
        return builder.Build();
    }
}
