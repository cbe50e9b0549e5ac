using Microsoft.Extensions.Hosting;

namespace Migrator.Service.Commands;

/// <summary>The end of the service's host.</summary>
public static class HostShutdown
{
    /// <summary>Waits until the host has stopped. Where a service in it failed, it throws what that one did: the host logs it and stops as
    /// if it had been asked to, and the supervisor that restarts it goes by the exit code.</summary>
    public static async Task WaitAsync(IHost host, CancellationToken stop)
    {
        // Gone from the host once it has stopped.
        var services = host.Services.GetServices<IHostedService>().OfType<BackgroundService>().ToList();
        await host.WaitForShutdownAsync(stop);
        if (services.Select(service => service.ExecuteTask).FirstOrDefault(task => task is { IsFaulted: true }) is { } failed)
            await failed;
    }
}
