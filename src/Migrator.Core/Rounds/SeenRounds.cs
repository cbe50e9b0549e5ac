using Migrator.Core.Telemetry;

namespace Migrator.Core.Rounds;

/// <summary>Puts rounds on record so that it is seen in metrics and traces.</summary>
public static class SeenRounds
{
    /// <inheritdoc cref="IRunQueue.StartAsync"/>
    public static Task<RoundStarted> StartSeenAsync(this IRunQueue queue, RoundPlan plan, CancellationToken cancellationToken)
    {
        var kind = plan.Cause.ToString().ToLowerInvariant();
        return RunActivities.DuringAsync(() => RunActivities.Start("round start")?.SetTag("migrator.job", plan.Job).SetTag("migrator.kind", kind), async span =>
        {
            var started = await queue.StartAsync(plan, cancellationToken).ConfigureAwait(false);
            if (started.Round is not null)
                RunMetrics.RoundStarted(plan.Job, kind);
            span?.SetTag("migrator.round", started.Round).SetTag("migrator.round.runs", started.Runs).SetTag("migrator.round.left_out", started.LeftOut.Count);
            return started;
        });
    }
}
