using Microsoft.Extensions.Hosting;

namespace Migrator.Service.Execution;

/// <summary>The moment from which a service may act.</summary>
internal static class StartedHost
{
    /// <summary>Done when every part of the host has started. A host that still starts may yet find that it cannot, because its port is
    /// taken or its certificate unreadable; by then it must have changed nothing of what another one uses.</summary>
    public static async Task WaitAsync(this IHostApplicationLifetime lifetime, CancellationToken stop)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(stop);
    }
}
