using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Migrator.Core.Rounds;
using Migrator.Worker.Jobs;

namespace Migrator.Worker.Telemetry;

/// <summary>Whether this worker can take up work.</summary>
internal sealed class ReadyCheck(IRoundStore store, JobCatalogue catalogue, IHostApplicationLifetime lifetime) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (lifetime.ApplicationStopping.IsCancellationRequested)
            return HealthCheckResult.Unhealthy("The worker is shutting down.");
        if (!catalogue.WasRead)
            return HealthCheckResult.Unhealthy("The jobs directory was not read yet.");
        try
        {
            await store.NowAsync(cancellationToken).ConfigureAwait(false);
            return HealthCheckResult.Healthy();
        }
        catch (RoundStoreException exception)
        {
            return HealthCheckResult.Unhealthy(exception.Message);
        }
    }
}
