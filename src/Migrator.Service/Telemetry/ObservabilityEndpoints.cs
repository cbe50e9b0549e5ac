using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Migrator.App.Health;
using Migrator.Core.JobRuns;

namespace Migrator.Service.Telemetry;

/// <summary>Where a worker can be seen over HTTP (docs/metrics.md).</summary>
public static class ObservabilityEndpoints
{
    internal const string Ready = "ready";

    /// <summary><c>/metrics</c>, <c>/health/live</c>, <c>/health/ready</c>, <c>/health/jobs</c> and <c>/health/jobs/NAME</c>. None of them
    /// changes anything; those about jobs show the names of mailboxes.</summary>
    /// <param name="who">Says who may see what names hosts, jobs or mailboxes; null for everybody.</param>
    /// <param name="mayKnow">Whether somebody is shown why the worker is not ready, which names directories and databases; null for
    /// everybody. Others learn only that it is not.</param>
    public static WebApplication MapSeen(
        this WebApplication application,
        Action<IEndpointConventionBuilder>? who = null,
        Func<HttpContext, bool>? mayKnow = null
    )
    {
        who ??= _ => { };
        mayKnow ??= _ => true;
        who(application.MapPrometheusScrapingEndpoint("/metrics"));
        application.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false, ResponseWriter = Write });
        application.MapHealthChecks(
            "/health/ready",
            new HealthCheckOptions { Predicate = check => check.Tags.Contains(Ready), ResponseWriter = Write }
        );
        who(application.MapGet("/health/jobs", (JobHealth health, CancellationToken stop) => OfJobsAsync(health, null, stop)));
        who(
            application.MapGet(
                "/health/jobs/{name}",
                (string name, JobHealth health, CancellationToken stop) => OfJobsAsync(health, name, stop)
            )
        );
        return application;

        Task Write(HttpContext context, HealthReport report)
        {
            var status = report.Status == HealthStatus.Healthy ? "ok" : "unhealthy";
            return mayKnow(context)
                ? context.Response.WriteAsJsonAsync(
                    new
                    {
                        Status = status,
                        Problems = report
                            .Entries.Values.Where(entry => entry.Status != HealthStatus.Healthy)
                            .Select(entry => entry.Description),
                    }
                )
                : context.Response.WriteAsJsonAsync(new { Status = status });
        }
    }

    private static async Task<IResult> OfJobsAsync(JobHealth health, string? name, CancellationToken stop)
    {
        try
        {
            if (await health.CheckAsync(name, stop) is not { } jobs)
                return Results.Json(
                    new { Status = "unknown", Problems = new[] { "No job has this name." } },
                    statusCode: StatusCodes.Status404NotFound
                );
            var overdue = jobs.Any(job => job.Overdue > 0);
            return Results.Json(
                new { Status = overdue ? "overdue" : "ok", Jobs = jobs },
                statusCode: overdue ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK
            );
        }
        catch (JobRunStoreException exception)
        {
            return Results.Json(
                new { Status = "unknown", Problems = new[] { exception.Message } },
                statusCode: StatusCodes.Status503ServiceUnavailable
            );
        }
    }
}
