using Migrator.App.Execution;
using Migrator.Core.Failures;
using Migrator.Core.Plans;
using Migrator.Core.Reports;

namespace Migrator.App.Formatting;

/// <summary>How it came out, in the words that terminal and page share.</summary>
/// <param name="Good">Nothing needs doing.</param>
/// <param name="Headline">One sentence, without a full stop.</param>
/// <param name="Then">What it means or what to do next; null where nothing needs saying.</param>
public sealed record Verdict(bool Good, string Headline, string? Then)
{
    private const int MostNames = 20;

    public static Verdict Of(RunReport report)
    {
        if (report.Operation == Operation.Upkeep)
            return OfUpkeep(report);
        var total = report.Total;
        var there = total.Delivered + total.AlreadyThere;
        var place = DisplayText.Place(report.Operation);
        return report.Outcome switch
        {
            RunOutcome.Complete when total.Found == 0 => new(
                true,
                "Complete: there were no messages to copy",
                Sentences(Followed(report), Removed(report))
            ),
            RunOutcome.Complete => new(
                true,
                $"Complete: {(there == 1 ? "the one message is" : $"all {Format.Count(there)} messages are")} {place}",
                Sentences(
                    Not(total.Skipped, "was left out by your rules", "were left out by your rules"),
                    Not(
                        total.Vanished,
                        "was removed by somebody meanwhile, at the source or at the target",
                        "were removed by somebody meanwhile, at the source or at the target"
                    ),
                    Followed(report),
                    Removed(report)
                )
            ),
            RunOutcome.Partial => new(
                false,
                $"Not complete: {Missing(report)}",
                Sentences(
                    $"{Format.Count(there)} of {Format.Count(total.Found, "message")} found are {place}.",
                    Followed(report),
                    Removed(report) ?? "Nothing was removed from the source.",
                    (IsLimited(report) ? "Run again for the next ones: " : "Fix the cause and run again: ")
                        + $"only missing messages are {DisplayText.Done(report.Operation).ToLowerInvariant()}."
                )
            ),
            RunOutcome.Interrupted => new(
                false,
                $"Interrupted: {Format.Count(there)} of {Format.Count(total.Found, "message")} found so far are {place}",
                $"Run the same command again to resume. What is {place} stays there and is not sent twice."
            ),
            _ => new(
                false,
                $"Stopped before the end: {report.Stopped?.Detail.TrimEnd('.', ' ') ?? "for an unknown reason"}",
                total.Found == 0
                    ? "Nothing was copied."
                    : $"{Format.Count(there)} of {Format.Count(total.Found, "message")} found so far are {place}; the next run "
                        + "resumes from there."
            ),
        };
    }

    private static Verdict OfUpkeep(RunReport report) =>
        report.Outcome switch
        {
            RunOutcome.Complete => new(
                true,
                "Complete: nothing was found wrong with the archive",
                $"{Format.Count(report.Total.AlreadyThere, "message")} of "
                    + $"{Format.Count(report.Folders.Count, "mailbox", "mailboxes")} restored to memory and compared."
            ),
            RunOutcome.Partial => new(false, $"Not complete: {Format.Count(report.Problems.Count, "problem")} found", null),
            RunOutcome.Interrupted => new(false, "Interrupted", "The next run resumes from there."),
            _ => new(
                false,
                $"Stopped before the end: {report.Stopped?.Detail.TrimEnd('.', ' ') ?? "for an unknown reason"}",
                "The next run resumes from there."
            ),
        };

    public static Verdict Of(VerifyReport report)
    {
        long Sum(Func<FolderComparison, long> count) => report.Folders.Sum(count);
        var messages = Sum(folder => folder.SourceMessages);
        var extra = Not(
            Sum(folder => folder.Extra),
            $"exists only {DisplayText.Place(report.Operation)} (not an error)",
            $"exist only {DisplayText.Place(report.Operation)} (not an error)"
        );
        if (report.Identical)
            return messages == 0 ? new(true, "Identical: the source has no messages", Sentences(extra))
                : report.ToleratedCounts.Messages > 0 ? new(true, Tolerated(report, messages), Sentences(extra))
                : new(
                    true,
                    $"Identical: {(messages == 1 ? "the one message is" : $"all {Format.Count(messages)} messages are")} "
                        + $"{DisplayText.Place(report.Operation)}, byte for byte",
                    Sentences(report.Moved == 0 ? "Flags and dates are the same too." : null, extra)
                );

        string?[] parts =
        [
            Of(Sum(folder => folder.Missing), "message missing", "messages missing"),
            Of(Sum(folder => folder.Altered), "message altered", "messages altered"),
            Of(Sum(folder => folder.FlagsDiffer), "message with other flags", "messages with other flags"),
            Of(Sum(folder => folder.DatesDiffer), "message with another date", "messages with another date"),
            Of(Sum(folder => folder.Duplicates), "message that arrived twice", "messages that arrived twice"),
            Of(report.Folders.Count(folder => folder is { TargetExists: false, Failure: null }), "folder missing", "folders missing"),
            Of(report.Folders.Count(folder => folder.Failure is not null), "folder not compared", "folders not compared"),
        ];
        return new(
            false,
            $"Not identical: {string.Join(", ", parts.OfType<string>().DefaultIfEmpty("not everything was compared"))}",
            Sentences(
                report.Stopped is { } stopped ? $"Stopped before the end: {stopped.Detail.TrimEnd('.', ' ')}." : null,
                report.ToleratedCounts.Messages > 0
                    ? $"{Format.Count(Sum(folder => folder.Matched))} of {Format.Count(messages, "message")} at the source are "
                        + $"{DisplayText.Place(report.Operation)}, {DisplayText.Tolerated(report.ToleratedCounts)}."
                    : $"{Format.Count(Sum(folder => folder.Matched))} of {Format.Count(messages, "message")} at the source are "
                        + $"{DisplayText.Place(report.Operation)}, byte for byte.",
                report.Shortfall is { } shortfall ? $"{shortfall.Detail.TrimEnd('.', ' ')}." : null,
                extra
            )
        );
    }

    private static string Tolerated(VerifyReport report, long messages) =>
        $"The same: {(messages == 1 ? "the one message is" : $"all {Format.Count(messages)} messages are")} "
        + $"{DisplayText.Place(report.Operation)}, {DisplayText.Tolerated(report.ToleratedCounts)}";

    public static Verdict Of(MailboxPlan plan)
    {
        var (messages, flags, deletions) = (
            plan.Folders.Sum(folder => (long)folder.Deliver.Count),
            plan.Folders.Sum(folder => (long)folder.Flags.Count),
            plan.Deletions.Sum(deletion => (long)deletion.Uids.Count)
        );
        var changes = string.Join(
            ", ",
            new[]
            {
                Of(messages, "message to copy", "messages to copy"),
                Of(flags, "message with other flags", "messages with other flags"),
                Of(plan.Renames.Count, "folder to rename", "folders to rename"),
                Of(deletions, "message to delete at the target", "messages to delete at the target"),
            }
                .OfType<string>()
                .DefaultIfEmpty("nothing to do")
        );
        return plan.Problems.Count == 0
            ? new(
                true,
                $"Ready to run: {changes}",
                $"Nothing was changed. Carry it out with \"migrator run {plan.Job} --plan\" and the JSON file."
            )
            : new(
                false,
                $"A run would not be complete: {Of(plan.Problems.Count, "problem", "problems")}; {changes}",
                "Nothing was changed. Fix the problems, then plan again."
            );
    }

    public static Verdict Of(JobReport report)
    {
        var noun = DisplayText.Mailboxes(report.Operation, report.Mailboxes.Count);
        var said = string.Join(
            ". ",
            report
                .Mailboxes.GroupBy(mailbox => mailbox.Outcome)
                .Where(group => group.Key != MailboxOutcome.Ok)
                .OrderBy(group => group.Key)
                .Select(group =>
                    $"{Format.Count(group.Count())} {DisplayText.Of(group.Key, report.Task)}: "
                    + $"{DisplayText.Names([.. group.Select(mailbox => mailbox.Mailbox)], MostNames)}"
                )
                .Prepend(
                    $"{Format.Count(report.Mailboxes.Count(mailbox => mailbox.Outcome == MailboxOutcome.Ok))} of "
                        + $"{Format.Count(report.Mailboxes.Count)} {noun} OK"
                )
        );
        return new(
            report.IsOk,
            report.IsInterrupted ? $"Interrupted: {said}" : said,
            report switch
            {
                { IsOk: true } => null,
                { IsInterrupted: true } => "Run the same command again to resume.",
                { Task: JobTask.Run, Operation: Operation.Upkeep } => "Fix the causes, then run the upkeep again.",
                { Task: JobTask.Run } => "Fix the causes, then run the job again with --failed.",
                { Task: JobTask.Verify } => "Fix the causes, run the job again, then verify again.",
                { Task: JobTask.Cutover } => "Fix the causes, then run the same command again: mailboxes that were switched stay so.",
                { Task: JobTask.Plan } => "Fix the causes, then plan again.",
                { Task: JobTask.Undo } => "Fix the causes, then run the same command again.",
                _ => "Fix the causes, then check again.",
            }
        );
    }

    /// <returns>What the target followed; null for nothing.</returns>
    private static string? Followed(RunReport report)
    {
        if (report.Followed is not { } followed)
            return null;
        string?[] parts =
        [
            Of(followed.Renamed, "folder renamed", "folders renamed"),
            Of(followed.Moved, "message moved", "messages moved"),
            Of(followed.Deleted, "message deleted", "messages deleted"),
            Of(followed.Kept, "message kept because it was changed there", "messages kept because they were changed there"),
        ];
        return parts.OfType<string>().ToList() is { Count: > 0 } said ? $"Followed at the target: {string.Join(", ", said)}." : null;
    }

    /// <returns>What was deleted at the source; null for nothing.</returns>
    private static string? Removed(RunReport report) =>
        report switch
        {
            { RemovalUnconfirmed: true } =>
                "The source was asked to delete messages whose copies had been read back, and did not confirm that it did.",
            { RemovedAtSource: 0 } => null,
            { RemovedAtSource: 1 } => "1 message was deleted at the source, after its copy had been read back.",
            _ => $"{Format.Count(report.RemovedAtSource)} messages were deleted at the source, after their copies had been read back.",
        };

    /// <summary>Nothing is wrong: the job limits what one run delivers.</summary>
    private static bool IsLimited(RunReport report) =>
        report.LeftForLater > 0
        && report.Total.Remaining == report.LeftForLater
        && report.Problems.Count == 0
        && report.Total.Failed == 0
        && report.Folders.All(folder => folder.Failure is null);

    private static string Missing(RunReport report)
    {
        var later = Math.Min(report.LeftForLater, report.Total.Remaining);
        string?[] parts =
        [
            Of(report.Total.Failed, "message failed", "messages failed"),
            Of(report.Folders.Count(folder => folder.Failure is not null), "folder failed", "folders failed"),
            Of(later, "message left for later runs", "messages left for later runs"),
            Of(report.Total.Remaining - later, "message not reached", "messages not reached"),
            Of(
                report.ReplacedAtSource,
                "message not fetched yet (the source reused the ID of another one)",
                "messages not fetched yet (the source reused the IDs of other ones)"
            ),
            Of(
                report.Followed?.Held ?? 0,
                "message deleted at the source that waits for consent",
                "messages deleted at the source that wait for consent"
            ),
            Of(
                report.Problems.Count(problem => problem.Code != Reason.DeletionsHeld.Code),
                "problem not caused by a message of this run",
                "problems not caused by a message of this run"
            ),
            Of(Differing(DifferenceKind.Trashed), "message in the trash of the target", "messages in the trash of the target"),
            Of(Differing(DifferenceKind.Content), "message altered by the target", "messages altered by the target"),
            Of(Differing(DifferenceKind.Duplicate), "message that arrived twice", "messages that arrived twice"),
            Of(Differing(DifferenceKind.Missing), "message delivered but gone again", "messages delivered but gone again"),
        ];
        return string.Join(", ", parts.OfType<string>().DefaultIfEmpty("mail may be missing or cut short (see the notes)"));

        long Differing(DifferenceKind kind) => report.DifferenceCounts.GetValueOrDefault(kind);
    }

    private static string? Of(long count, string one, string many) =>
        count == 0 ? null : $"{Format.Count(count)} {(count == 1 ? one : many)}";

    private static string? Not(long count, string one, string many) =>
        count == 0 ? null : $"{Format.Count(count, "message")} {(count == 1 ? one : many)}.";

    private static string? Sentences(params IEnumerable<string?> sentences) =>
        string.Join(' ', sentences.OfType<string>()) is { Length: > 0 } text ? text : null;
}
