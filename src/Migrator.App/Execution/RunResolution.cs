using Migrator.App.Formatting;
using Migrator.Core.Checkpoints;
using Migrator.Core.Failures;
using Migrator.Core.Folders;
using Migrator.Core.JobRuns;
using Migrator.Core.Jobs;
using Migrator.Core.Reports;

namespace Migrator.App.Execution;

/// <summary>What becomes of a run: over, or another attempt later.</summary>
/// <param name="Fault">It is a fault in the program.</param>
public sealed record RunResolution(MailboxRunState State, Failure? Failure, TimeSpan Wait, bool Spent, bool Fault = false)
{
    /// <summary>The server has said when it may be asked again.</summary>
    public bool IsPause { get; init; }

    private static readonly TimeSpan s_longestWait = TimeSpan.FromHours(1);
    private static readonly TimeSpan s_busyWait = TimeSpan.FromSeconds(10);

    public static RunResolution Of(RunReport report, StopReason stop, int attempt, RetryPolicy policy) =>
        report.Outcome switch
        {
            RunOutcome.Complete => new(MailboxRunState.Complete, null, TimeSpan.Zero, false),
            RunOutcome.Interrupted => Stopped(stop),
            RunOutcome.Aborted => Failed(report.Stopped!, report.Pause, attempt, policy),
            _ => new(MailboxRunState.Partial, First(report), TimeSpan.Zero, false),
        };

    public static RunResolution Of(Exception exception, StopReason stop, int attempt, RetryPolicy policy, Purpose purpose = Purpose.Copy) =>
        exception switch
        {
            OperationCanceledException when stop != StopReason.None => Stopped(stop),
            // The other run may take hours: that is not an attempt.
            MailboxBusyException busy => new(MailboxRunState.Waiting, Failure.Of(busy), s_busyWait, false),
            MigratorException known => Failed(Failure.Of(known, purpose), (known as MailException)?.RetryAfter, attempt, policy),
            _ => Final(Failure.Of(Reason.Fault, $"{exception.GetType().Name}: {exception.Message}")) with { Fault = true },
        };

    private static RunResolution Stopped(StopReason stop) =>
        stop == StopReason.Cancelled
            ? Final(null) with
            {
                State = MailboxRunState.Cancelled,
            }
            : new(MailboxRunState.Waiting, null, TimeSpan.Zero, false);

    /// <param name="pause">That the server asked for; null where it did not.</param>
    private static RunResolution Failed(Failure failure, TimeSpan? pause, int attempt, RetryPolicy policy)
    {
        // It is the server's to say when, and no attempt.
        if (RunPause.Of(failure, pause) is { } asked)
            return new(MailboxRunState.Waiting, failure, asked, false) { IsPause = true };
        if (Reason.Find(failure.Code)?.IsTransient != true || attempt >= policy.MaxAttempts)
            return Final(failure);
        var wait = TimeSpan.FromSeconds(
            Math.Min(policy.InitialRetryDelay.TotalSeconds * Math.Pow(2, attempt - 1), s_longestWait.TotalSeconds)
        );
        // A little apart: hundreds that were cut off by one server must not come back in one moment.
        return new(MailboxRunState.Waiting, failure, wait * (0.8 + (0.4 * Random.Shared.NextDouble())), true);
    }

    private static RunResolution Final(Failure? failure) => new(MailboxRunState.Failed, failure, TimeSpan.Zero, false);

    /// <summary>What a person should know first of a run that left something undone.</summary>
    private static Failure First(RunReport report)
    {
        // What is wrong with the archive or the mailbox comes before what is with single messages.
        if (report.Problems is [var problem, ..])
            return report.Problems.Count == 1
                ? problem
                : problem with
                {
                    Detail = $"{report.Problems.Count:N0} problems. First: {problem.Detail}",
                };
        var failures = report
            .Folders.Select(folder => folder.Failure)
            .OfType<Failure>()
            .Concat(report.Failures.Select(message => message.Failure))
            .ToList();
        var counts = report.Total;
        var differing =
            report.DifferenceCounts.GetValueOrDefault(DifferenceKind.Missing)
            + report.DifferenceCounts.GetValueOrDefault(DifferenceKind.Trashed)
            + report.DifferenceCounts.GetValueOrDefault(DifferenceKind.Content)
            + report.DifferenceCounts.GetValueOrDefault(DifferenceKind.Duplicate);
        if (failures.Count == 0)
            return Failure.Of(Reason.NotComplete, $"{Remaining(counts)}; {Format.Count(differing, "message")} not as sent.");
        return failures[0] with
        {
            Detail =
                $"{Format.Count(counts.Failed, "message")} failed{(counts.Remaining > 0 ? $", {Remaining(counts)}" : "")}. "
                + $"First: {failures[0].Detail}",
        };
    }

    private static string Remaining(MessageCounts counts) =>
        $"{Format.Count(counts.Remaining, "message")} remain{(counts.Remaining == 1 ? "s" : "")}";
}
