using Migrator.App.Formatting;
using Migrator.Core.Reports;

namespace Migrator.App.Reports;

/// <summary>What the overview of a job shows.</summary>
public static class JobDocument
{
    private const int MostNames = 50;

    /// <param name="link">The page of a mailbox; null where there is none. By default the file beside the overview.</param>
    public static ReportDocument Of(JobReport report, Func<MailboxResult, string?>? link = null)
    {
        var (noun, total) = (DisplayText.Mailboxes(report.Operation), report.Total);
        var messages =
            report.Task == JobTask.Verify ? CountsLine.Of(report.Compared)
            : total.Found == 0 ? []
            : [CountsLine.Of(total, DisplayText.Done(report.Operation), DisplayText.There(report.Operation))];
        return new(
            report.Task switch
            {
                JobTask.Verify => "Verification report",
                JobTask.Plan => "Migration plan",
                _ => $"{DisplayText.Title(report.Operation)} report",
            },
            report.Job,
            Verdict.Of(report),
            report.Started,
            report.Finished,
            [("How long", DisplayText.Took(report))],
            [Outcomes(report, noun), .. messages],
            [.. Parts(report, noun, link ?? (mailbox => Escaped(mailbox.HtmlFile)))]
        );
    }

    private static IEnumerable<ReportPart> Parts(JobReport report, string noun, Func<MailboxResult, string?> link)
    {
        var one = DisplayText.Part(report);
        var wrong = report
            .Mailboxes.Where(mailbox => mailbox.Reasons.Count > 0)
            .SelectMany(mailbox => mailbox.Reasons.Select(reason => (Mailbox: mailbox, Reason: reason)))
            .ToList();
        return
        [
            .. ReportParts.List(
                "Next steps",
                [.. JobSteps.Of(report).Select(step => new ReportCell(step.Hint) { Code = step.Code, Note = step.Names(MostNames) })]
            ),
            .. ReportParts.Table(
                "What needs attention",
                "messages",
                wrong,
                [ReportParts.Lead(one), new("Result"), ReportParts.Why()],
                row =>
                    [
                        new(row.Mailbox.Mailbox) { Link = link(row.Mailbox) },
                        new(DisplayText.Of(row.Mailbox.Outcome, report.Task)),
                        new(row.Reason.Detail) { Code = row.Reason.Code },
                    ],
                main: true
            ),
            .. report.Task == JobTask.Verify
                ? Mailboxes(report, noun, one, link, CountColumns.Of(report.Compared), mailbox => mailbox.Compared, report.Compared)
                : Mailboxes(
                    report,
                    noun,
                    one,
                    link,
                    CountColumns.Of(report.Operation, report.Total),
                    mailbox => mailbox.Counts,
                    report.Total
                ),
        ];
    }

    private static IEnumerable<ReportPart> Mailboxes<T>(
        JobReport report,
        string noun,
        string one,
        Func<MailboxResult, string?> link,
        IReadOnlyList<CountColumn<T>> columns,
        Func<MailboxResult, T?> counts,
        T total
    )
        where T : struct =>
        ReportParts.Table(
            $"All {noun}",
            "folders",
            report.Mailboxes,
            [ReportParts.Lead(one), new("Result"), .. columns.Select(column => ReportParts.Number(column.Title))],
            mailbox =>
                [
                    new(mailbox.Mailbox) { Link = link(mailbox) },
                    new(DisplayText.Of(mailbox.Outcome, report.Task)),
                    .. counts(mailbox) is { } known ? ReportParts.Counts(columns, known) : columns.Select(_ => new ReportCell("")),
                ],
            foot: [new("Total"), new(""), .. ReportParts.Counts(columns, total)],
            main: true
        );

    private static CountsLine Outcomes(JobReport report, string noun) =>
        new(
            noun,
            report.Mailboxes.Count,
            [
                .. Enum.GetValues<MailboxOutcome>()
                    .Reverse()
                    .Select(outcome =>
                        (
                            DisplayText.Of(outcome, report.Task),
                            (long)report.Mailboxes.Count(mailbox => mailbox.Outcome == outcome),
                            outcome != MailboxOutcome.Ok
                        )
                    ),
            ]
        );

    private static string? Escaped(string? file) => file is null ? null : string.Join('/', file.Split('/').Select(Uri.EscapeDataString));
}
