using Migrator.App.Formatting;
using Migrator.Core.Failures;
using Migrator.Core.Reports;

namespace Migrator.App.Execution;

/// <summary>A server has asked not to be asked again for a while: the run is not over, and has not failed.</summary>
public static class RunPause
{
    /// <returns>Null where the run goes on at no such time.</returns>
    public static TimeSpan? Of(RunReport report) => report.Outcome == RunOutcome.Aborted ? Of(report.Stopped!, report.Pause) : null;

    /// <param name="asked">By the server; null where it did not say.</param>
    public static TimeSpan? Of(Failure failure, TimeSpan? asked) => Reason.Find(failure.Code)?.IsTransient == true ? asked : null;

    public static string Words(DateTimeOffset until, TimeProvider time) =>
        $"Paused by the server until {Format.Minute(until, time.LocalTimeZone)}.";
}
