using Migrator.Core.Telemetry;

namespace Migrator.Core.JobRuns;

/// <summary>Records job runs so that it is seen in metrics and traces.</summary>
public static class InstrumentedRunQueue
{
    /// <inheritdoc cref="IRunQueue.StartAsync"/>
    public static Task<JobRunStarted> StartInstrumentedAsync(this IRunQueue queue, JobRunPlan plan, CancellationToken cancellationToken)
    {
        var kind = plan.Cause.ToString().ToLowerInvariant();
        return RunActivities.DuringAsync(
            () => RunActivities.Start("job run start")?.SetTag("migrator.job", plan.Job).SetTag("migrator.kind", kind),
            async span =>
            {
                var started = await queue.StartAsync(plan, cancellationToken);
                if (started.JobRun is not null)
                    RunMetrics.JobRunStarted(plan.Job, kind);
                span?.SetTag("migrator.job_run", started.JobRun)
                    .SetTag("migrator.job_run.runs", started.Runs)
                    .SetTag("migrator.job_run.left_out", started.LeftOut.Count);
                return started;
            }
        );
    }
}
