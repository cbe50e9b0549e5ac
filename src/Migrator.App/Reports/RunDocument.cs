using Migrator.App.Formatting;
using Migrator.Core.Reports;

namespace Migrator.App.Reports;

/// <summary>What the report of a run shows.</summary>
public static class RunDocument
{
    public static ReportDocument Of(RunReport report)
    {
        var (operation, total) = (report.Operation, report.Total);
        return new(
            $"{DisplayText.Title(operation)} report",
            report.Job,
            Verdict.Of(report),
            report.Started,
            report.Finished,
            [
                ("From", DisplayText.Account(report.Source)),
                ("To", DisplayText.Account(report.Target)),
                ("How long", DisplayText.Speed(report.Finished - report.Started, total.Delivered, total.DeliveredBytes)),
            ],
            [CountsLine.Of(total, DisplayText.Done(operation), DisplayText.There(operation))],
            [.. Parts(report)]
        );
    }

    private static IEnumerable<ReportPart> Parts(RunReport report)
    {
        var columns = CountColumns.Of(report.Operation, report.Total);
        IEnumerable<ReportPart> miscounted = report.Total.AddsUp
            ? []
            : ReportParts.List("Counts", [new("The counts above do not add up: an internal error in Migrator. Please report it.")]);
        return
        [
            .. miscounted,
            .. ReportParts.NextSteps(DisplayText.Hints(report)),
            .. ReportParts.List("Problems", [.. report.Problems.Select(ReportParts.Of)]),
            .. ReportParts.Table(
                "Folders that failed",
                "folders",
                [.. report.Folders.Where(folder => folder.Failure is not null)],
                [ReportParts.Lead("Folder"), ReportParts.Why()],
                folder => [new(DisplayText.Folder(folder)), ReportParts.Of(folder.Failure!)]
            ),
            .. ReportParts.Table(
                "Messages that failed",
                "messages",
                report.Failures,
                [
                    ReportParts.Lead("Folder"),
                    ReportParts.Number("UID"),
                    new("Subject", ReportColumnKind.Subject),
                    ReportParts.Number("Size"),
                    ReportParts.Why(),
                ],
                failure =>
                    [
                        ReportParts.Of(failure.Folder, failure.File),
                        ReportParts.Uid(failure.Uid),
                        new(DisplayText.Subject(failure.Subject)),
                        new(Format.Size(failure.Size)),
                        ReportParts.Of(failure.Failure),
                    ]
            ),
            .. ReportParts.Differences(report.Differences, report.DifferenceCounts),
            .. ReportParts.Table(
                report.Operation == Operation.Upkeep ? "Mailboxes" : "Folders",
                "folders",
                [.. report.Folders.OrderByDescending(DisplayText.NeedsAttention)],
                [ReportParts.Lead(DisplayText.Part(report.Operation)), .. columns.Select(column => ReportParts.Number(column.Title))],
                folder =>
                    [new(DisplayText.Folder(folder)) { Note = DisplayText.Note(folder) }, .. ReportParts.Counts(columns, folder.Counts)],
                foot: [new("Total"), .. ReportParts.Counts(columns, report.Total)]
            ),
            .. ReportParts.Notes(report.Notices),
        ];
    }
}
