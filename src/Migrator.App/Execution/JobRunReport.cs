using System.Text.Json;
using Migrator.App.Formatting;
using Migrator.App.Output;
using Migrator.App.Reports;
using Migrator.Core.Failures;
using Migrator.Core.JobRuns;
using Migrator.Core.Reports;

namespace Migrator.App.Execution;

/// <summary>From what the store has of a round to the overview of it.</summary>
public static class JobRunReport
{
    /// <param name="history">Has the reports of mailboxes.</param>
    /// <param name="runs">Of the job run; at least one.</param>
    /// <param name="interrupted">Stopped before its end, by the user who waits for it.</param>
    /// <param name="now">Its end, where a run of it is not over.</param>
    /// <param name="write">Writes the report of a mailbox, one after the other; null where they are written nowhere.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="JobRunStoreException">The store does not answer.</exception>
    public static async Task<JobReport> ReadAsync(
        IRunHistory history,
        IReadOnlyList<MailboxStatus> runs,
        bool interrupted,
        DateTimeOffset now,
        Func<MailboxResult, RunReport, Task<MailboxResult>>? write,
        CancellationToken cancellationToken
    )
    {
        var results = new List<MailboxResult>();
        foreach (var run in runs)
        {
            // Of those that are complete, the counts are known without their reports.
            var report =
                run.HasReport && (write is not null || run.State != MailboxRunState.Complete)
                    ? await ReportAsync(history, run.Run, cancellationToken)
                    : null;
            var result = Of(run, report, interrupted);
            results.Add(write is null || report is null ? result : await write(result, report));
        }
        return new JobReport(
            runs[0].Job,
            JobTask.Run,
            DisplayText.OperationOf(runs.FirstOrDefault(run => run.Target.Length > 0)?.Target ?? ""),
            ProductVersion.Text,
            runs.Min(run => run.Queued),
            runs.Max(run => run.Finished ?? now),
            interrupted
        )
        {
            Mailboxes = results,
        };
    }

    /// <param name="report">Null where there is none.</param>
    /// <param name="interrupted">Whether the command that waits for it was stopped.</param>
    public static MailboxResult Of(MailboxStatus run, RunReport? report, bool interrupted)
    {
        var (outcome, code) = run.State switch
        {
            MailboxRunState.Complete => (MailboxOutcome.Ok, ExitCode.Success),
            MailboxRunState.Partial => (MailboxOutcome.Incomplete, ExitCode.Incomplete),
            MailboxRunState.Failed => (
                MailboxOutcome.Failed,
                Reason.Find(run.Failure?.Code ?? "") is { } reason ? ExitCode.Of(reason) : ExitCode.Incomplete
            ),
            _ => (MailboxOutcome.Unfinished, interrupted ? ExitCode.Interrupted : ExitCode.Incomplete),
        };
        return new(run.Mailbox, outcome, code)
        {
            Source = run.Source.Length == 0 ? null : run.Source,
            Target = run.Target.Length == 0 ? null : run.Target.Split('#')[0],
            Counts = run.Started is null ? null : run.Counts,
            Reasons = [.. Reasons(run, outcome, report)],
        };
    }

    private static IEnumerable<MailboxReason> Reasons(MailboxStatus run, MailboxOutcome outcome, RunReport? report)
    {
        if (outcome == MailboxOutcome.Ok)
            return [];
        var reported = report is null ? [] : MailboxResults.Of(run.Mailbox, report, 0).Reasons;
        // The report may be that of an earlier attempt; what ended the last one comes first.
        return run.Failure is { } failure && reported.All(reason => reason.Code != failure.Code)
            ? [MailboxResults.Of(failure), .. reported]
            : reported;
    }

    private static async Task<RunReport?> ReportAsync(IRunHistory history, long run, CancellationToken cancellationToken)
    {
        try
        {
            return await history.ReportAsync(run, cancellationToken) is { } json ? ReportJson.Parse<RunReport>(json) : null;
        }
        catch (JsonException)
        {
            // Another version wrote it: the mailbox is in the overview all the same.
            return null;
        }
    }
}
