using Migrator.App.Formatting;
using Migrator.App.Reports;
using Migrator.Core.Reports;
using Spectre.Console;

namespace Migrator.Cli.Output;

/// <summary>What became of the mailboxes of a job, for a person at the end of it: a line each, and the next steps once.</summary>
public static class JobSummary
{
    private const int MostNames = 5;

    /// <param name="files">Of the overview; null where none was written.</param>
    public static void Write(IAnsiConsole console, JobReport report, ReportPaths? files)
    {
        var summary = new SummaryWriter(console);
        var lines = FittedTable.Lines(
            [
                new(DisplayText.Part(report), Least: 16),
                new("Result"),
                // Who failed and why comes before how much: the sums are below.
                new("Messages", Right: true, Rank: 1),
                new(NewTitle(report), Right: true, Rank: 2),
                new("Why", Least: LongestCode(report) + 1, IsSentence: true),
            ],
            [
                .. report.Mailboxes.Select(mailbox =>
                    new[]
                    {
                        mailbox.Mailbox,
                        DisplayText.Of(mailbox.Outcome, report.Task),
                        Messages(report.Task, mailbox),
                        report.Operation == Operation.Upkeep ? "" : New(report.Task, mailbox),
                        JobText.Why(mailbox),
                    }
                ),
            ],
            console.Profile.Width
        );
        foreach (var (index, line) in lines.Index())
            summary.Whole(
                line,
                index == 0 ? FrameParts.Bold
                    : report.Mailboxes[index - 1].Outcome == MailboxOutcome.Ok ? Style.Plain
                    : FrameParts.Bad
            );
        summary.Items("Next steps", [.. JobSteps.Of(report).Select(step => $"{step.Code} ({step.Names(MostNames)}): {step.Hint}")]);
        summary.End(
            Verdict.Of(report),
            report.Task is JobTask.Check or JobTask.Plan ? null : DisplayText.Took(report),
            files,
            Tallies(report)
        );
    }

    /// <summary>Only the result, and what is not in order.</summary>
    public static IEnumerable<string> Brief(JobReport report) =>
        report
            .Mailboxes.Where(mailbox => mailbox.Outcome != MailboxOutcome.Ok)
            .Select(mailbox =>
                $"{mailbox.Mailbox}: "
                + $"{DisplayText.Of(mailbox.Outcome, report.Task)}{(JobText.Why(mailbox) is { Length: > 0 } why ? $": {why}" : "")}"
            )
            .Append($"{Verdict.Of(report).Headline}.");

    private static int LongestCode(JobReport report) =>
        report.Mailboxes.SelectMany(mailbox => mailbox.Reasons.Take(1)).Select(reason => reason.Code.Length).DefaultIfEmpty(0).Max();

    private static IEnumerable<string> Tallies(JobReport report) =>
        report.Task switch
        {
            JobTask.Verify => CountsLine.Of(report.Compared).Select(tally => tally.ToString()),
            JobTask.Run or JobTask.Cutover when report.Total.Found > 0 =>
            [
                CountsLine.Of(report.Total, DisplayText.Done(report.Operation), DisplayText.There(report.Operation)).ToString(),
            ],
            _ => [],
        };

    /// <summary>"49/81": those that are where they belong, of those that were found.</summary>
    private static string Messages(JobTask task, MailboxResult mailbox) =>
        (task, mailbox) switch
        {
            (JobTask.Verify, { Compared: { } compared }) => $"{Format.Count(compared.Matched)}/{Format.Count(compared.SourceMessages)}",
            (JobTask.Run or JobTask.Cutover, { Counts: { } counts }) =>
                $"{Format.Count(counts.Found - counts.Failed - counts.Remaining)}/{Format.Count(counts.Found)}",
            (JobTask.Check or JobTask.Plan or JobTask.Undo, { Counts: { } counts }) => Format.Count(counts.Found),
            _ => "",
        };

    private static string NewTitle(JobReport report) =>
        report.Task switch
        {
            JobTask.Run or JobTask.Cutover when report.Operation != Operation.Upkeep => DisplayText.Done(report.Operation),
            JobTask.Check or JobTask.Plan => "New",
            JobTask.Undo => "Taken back",
            _ => "",
        };

    private static string New(JobTask task, MailboxResult mailbox) =>
        (task, mailbox.Counts) switch
        {
            (JobTask.Run or JobTask.Cutover or JobTask.Undo, { } counts) => Format.Count(counts.Delivered),
            (JobTask.Check or JobTask.Plan, { } counts) => Format.Count(counts.Remaining),
            _ => "",
        };
}
