using Migrator.App.Formatting;
using Migrator.Core.Failures;
using Migrator.Core.Reports;

namespace Migrator.App.Reports;

/// <summary>From the report of a mailbox to its line in the overview.</summary>
public static class MailboxResults
{
    // Flags and dates that a target did not keep leave a run complete.
    private static readonly DifferenceKind[] s_ofRuns =
    [
        DifferenceKind.Missing,
        DifferenceKind.Trashed,
        DifferenceKind.Content,
        DifferenceKind.Duplicate,
    ];

    public static MailboxResult Of(string mailbox, RunReport report, int exitCode) =>
        new(mailbox, Outcome(report.Outcome), exitCode)
        {
            Source = report.Source,
            Target = report.Target,
            Counts = report.Total,
            Reasons = report.Outcome == RunOutcome.Complete ? [] : [.. Reasons(report)],
        };

    public static MailboxResult Of(string mailbox, VerifyReport report, int exitCode) =>
        new(
            mailbox,
            report.Identical ? MailboxOutcome.Ok
                : report.Stopped is null ? MailboxOutcome.Incomplete
                : MailboxOutcome.Failed,
            exitCode
        )
        {
            Source = report.Source,
            Target = report.Target,
            Compared = ComparedCounts.Of(report),
            Reasons = report.Identical ? [] : [.. Reasons(report)],
        };

    public static MailboxResult Of(string mailbox, CutoverReport report, int exitCode) =>
        new(mailbox, exitCode == 0 ? MailboxOutcome.Ok : MailboxOutcome.Incomplete, exitCode)
        {
            Source = report.Source,
            Target = report.Target,
            Counts = report.Run?.Total,
            Reasons = [.. report.Reasons.Select(reason => Of(reason))],
        };

    /// <summary>What stays is counted as left out: it is as it should be.</summary>
    public static MailboxResult Of(string mailbox, UndoReport report, int exitCode) =>
        new(mailbox, Outcome(report.Outcome), exitCode)
        {
            Source = report.Source,
            Target = report.Target,
            Counts = new(report.Taken + report.LeftCount, report.Taken, 0, 0, report.LeftCount, 0, 0, 0),
            Reasons = [.. One(report.Stopped), .. report.Problems.Select(problem => Of(problem))],
        };

    /// <summary>Of a mailbox of which there is no report.</summary>
    public static MailboxResult Of(string mailbox, Failure failure, int exitCode) =>
        new(mailbox, MailboxOutcome.Failed, exitCode) { Reasons = [Of(failure)] };

    public static MailboxReason Of(Failure failure, long count = 0) => new(failure.Code, count, failure.Detail, failure.Hint);

    public static IEnumerable<MailboxReason> Reasons(VerifyReport report) =>
        [
            .. One(report.Stopped),
            .. One(report.Shortfall),
            .. Many(report.Folders.Select(folder => folder.Failure), "folder"),
            .. Differences(report.DifferenceCounts, DisplayText.Kinds.Where(kind => kind != DifferenceKind.Extra)),
        ];

    private static IEnumerable<MailboxReason> Reasons(RunReport report)
    {
        MailboxReason[] reasons =
        [
            .. One(report.Stopped),
            .. report.Problems.Select(problem => Of(problem)),
            .. Many(report.Folders.Select(folder => folder.Failure), "folder"),
            .. Many(report.Failures.Select(message => message.Failure), "message"),
            .. Differences(report.DifferenceCounts, s_ofRuns),
        ];
        return reasons.Length > 0 || report.Outcome == RunOutcome.Interrupted
            ? reasons
            : [Of(Failure.Of(Reason.NotComplete, Verdict.Of(report).Headline + "."))];
    }

    private static MailboxOutcome Outcome(RunOutcome outcome) =>
        outcome switch
        {
            RunOutcome.Complete => MailboxOutcome.Ok,
            RunOutcome.Partial => MailboxOutcome.Incomplete,
            RunOutcome.Interrupted => MailboxOutcome.Unfinished,
            _ => MailboxOutcome.Failed,
        };

    private static IEnumerable<MailboxReason> One(Failure? failure) => failure is null ? [] : [Of(failure)];

    private static IEnumerable<MailboxReason> Many(IEnumerable<Failure?> failures, string noun) =>
        failures
            .OfType<Failure>()
            .GroupBy(failure => (failure.Code, failure.Hint))
            .Select(group => group.ToList())
            .OrderByDescending(group => group.Count)
            .Select(group =>
                Of(
                    group[0] with
                    {
                        Detail = group.Count == 1 ? group[0].Detail : $"{Format.Count(group.Count, noun)}, such as: {group[0].Detail}",
                    },
                    group.Count
                )
            );

    private static IEnumerable<MailboxReason> Differences(
        IReadOnlyDictionary<DifferenceKind, long> counts,
        IEnumerable<DifferenceKind> kinds
    ) =>
        kinds
            .Where(kind => counts.GetValueOrDefault(kind) > 0)
            .Select(kind => new MailboxReason(
                DisplayText.Code(kind),
                counts[kind],
                DisplayText.Counted(kind, counts[kind]),
                DisplayText.NextStep(kind)
            ));
}
