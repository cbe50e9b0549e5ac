using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Migrator.App.Execution;
using Migrator.App.Jobs;
using Migrator.Service.Execution;

namespace Migrator.Service.Telemetry;

/// <summary>Whether this worker can take up work. Nothing is asked of the database for it: anybody may ask this, as often as they
/// like.</summary>
internal sealed class ReadyCheck(
    Heartbeat heartbeat,
    StateDirectoryProbe state,
    JobCatalogue catalogue,
    IHostApplicationLifetime lifetime,
    ILogger<ReadyCheck> log
) : IHealthCheck
{
    private string? _reported;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var problem = Problem();
        if (Interlocked.Exchange(ref _reported, problem) != problem)
        {
            if (problem is null)
                log.Ready();
            else
                log.NotReady(problem);
        }
        return Task.FromResult(problem is null ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy(problem));
    }

    private string? Problem() =>
        lifetime.ApplicationStopping.IsCancellationRequested ? "The worker is shutting down."
        : !catalogue.WasRead ? "The jobs directory was not read yet."
        : state.Problem() ?? heartbeat.Problem;
}
