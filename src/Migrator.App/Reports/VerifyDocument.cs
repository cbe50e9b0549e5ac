using Migrator.App.Formatting;
using Migrator.Core.Failures;
using Migrator.Core.Reports;

namespace Migrator.App.Reports;

/// <summary>What the report of a verify shows.</summary>
public static class VerifyDocument
{
    public static ReportDocument Of(VerifyReport report)
    {
        var total = ComparedCounts.Of(report);
        var speed = DisplayText.Speed(
            report.Finished - report.Started,
            total.SourceMessages,
            report.Folders.Sum(folder => folder.SourceBytes)
        );
        return new(
            "Verification report",
            report.Job,
            Verdict.Of(report),
            report.Started,
            report.Finished,
            [
                ("From", DisplayText.Account(report.Source)),
                ("To", DisplayText.Account(report.Target)),
                ("How", $"Every message was read in full at source and target and compared by its SHA-256 digest. {speed}"),
                .. Tolerated(report),
            ],
            CountsLine.Of(total),
            [.. Parts(report, CountColumns.Of(total), total)]
        );
    }

    private static IEnumerable<ReportPart> Parts(
        VerifyReport report,
        IReadOnlyList<CountColumn<ComparedCounts>> columns,
        ComparedCounts total
    ) =>
        [
            .. ReportParts.NextSteps(Steps(report)),
            .. ReportParts.Table(
                "Folders that were not compared",
                "folders",
                [.. report.Folders.Where(folder => folder.Failure is not null)],
                [ReportParts.Lead("Folder"), ReportParts.Why()],
                folder => [new(DisplayText.Folder(folder)), ReportParts.Of(folder.Failure!)]
            ),
            .. ReportParts.Differences(report.Differences, report.DifferenceCounts),
            .. ReportParts.Table(
                DisplayText.ToleratedTitle,
                "messages",
                report.Tolerated,
                [ReportParts.Lead("Folder"), ReportParts.Number("UID"), new("Rewrites"), new("Found by"), new("What")],
                message =>
                    [
                        ReportParts.Of(message.Folder, message.TargetFolder),
                        ReportParts.Uid(message.Uid, message.TargetUid),
                        new(string.Join(", ", message.Rewrites.Select(DisplayText.Of))),
                        new(DisplayText.Of(message.MatchedBy)),
                        new(message.Detail),
                    ],
                report.ToleratedCounts.Messages
            ),
            .. ReportParts.Table(
                "Folders compared",
                "folders",
                report.Folders,
                [ReportParts.Lead("Folder"), .. columns.Select(column => ReportParts.Number(column.Title))],
                folder =>
                    [
                        new(DisplayText.Folder(folder)) { Note = DisplayText.Note(folder) },
                        .. ReportParts.Counts(columns, ComparedCounts.Of(folder)),
                    ],
                foot: [new("Total"), .. ReportParts.Counts(columns, total)]
            ),
            .. ReportParts.Notes(report.Notices),
        ];

    private static IEnumerable<(string, string)> Tolerated(VerifyReport report)
    {
        if (report.Tolerates.Count > 0)
            yield return (
                "Tolerated",
                $"{string.Join(", ", report.Tolerates.Select(DisplayText.Of))}: not a difference, as it was asked for, and named below."
            );
    }

    private static IReadOnlyList<Failure> Steps(VerifyReport report) =>
        [
            .. MailboxResults
                .Reasons(report)
                .Select(reason => new Failure(reason.Code, reason.Detail, reason.Hint))
                .DistinctBy(reason => (reason.Code, reason.Hint)),
        ];
}
