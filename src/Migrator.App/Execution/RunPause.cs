using Migrator.App.Formatting;
using Migrator.Core.Failures;
using Migrator.Core.Reports;

namespace Migrator.App.Execution;

/// <summary>A server has asked not to be asked again for a while, or a daily limit is reached: the run is not over, and has not
/// failed.</summary>
public static class RunPause
{
    /// <returns>Null where the run goes on at no such time.</returns>
    public static TimeSpan? Of(RunReport report) => report.Outcome == RunOutcome.Aborted ? Of(report.Stopped!, report.Pause) : null;

    /// <param name="asked">By the server or the limit; null where neither says.</param>
    public static TimeSpan? Of(Failure failure, TimeSpan? asked) => Reason.Find(failure.Code)?.IsTransient == true ? asked : null;

    /// <param name="until">When the run goes on.</param>
    /// <param name="end">When the mailbox will be complete; null where that is not known.</param>
    public static string Words(Failure failure, DateTimeOffset until, DateTimeOffset? end, TimeProvider time) =>
        failure.Code == Reason.DailyLimit.Code
            ? $"Waiting for the daily limit until {Minute(until, time)}"
                + (end is { } last ? $"; it lets the mailbox be complete by about {Minute(last, time)}." : ".")
        : failure.Code == Reason.MoreMailFollows.Code ? $"The next part is fetched from {Minute(until, time)} on."
        : $"Paused by the server until {Minute(until, time)}.";

    private static string Minute(DateTimeOffset moment, TimeProvider time) => Format.Minute(moment, time.LocalTimeZone);
}
