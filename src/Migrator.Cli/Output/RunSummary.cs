using Migrator.App.Formatting;
using Migrator.App.Reports;
using Migrator.Core.Reports;
using Spectre.Console;

namespace Migrator.Cli.Output;

/// <summary>What a run came to, for a person at the end of it.</summary>
public static class RunSummary
{
    /// <param name="files">Null where no report was written.</param>
    public static void Write(IAnsiConsole console, RunReport report, ReportPaths? files)
    {
        var summary = new SummaryWriter(console);
        if (report.Folders.Count > 0)
            summary.Table(
                DisplayText.Part(report.Operation),
                report.Folders,
                DisplayText.NeedsAttention,
                DisplayText.Folder,
                DisplayText.Note,
                folder => folder.Counts,
                report.Total,
                CountColumns.Of(report.Operation, report.Total)
            );
        summary.Line(CountsLine.Of(report.Total, DisplayText.Done(report.Operation), DisplayText.There(report.Operation)).ToString());
        summary.Problems(report.Problems);
        summary.FolderFailures(report.Folders);
        summary.Failures(report.Failures);
        summary.Differences(report.Differences, report.DifferenceCounts);
        summary.Hints(DisplayText.Hints(report));
        summary.Notices(report.Notices);
        summary.End(
            Verdict.Of(report),
            DisplayText.Speed(report.Finished - report.Started, report.Total.Delivered, report.Total.DeliveredBytes),
            files
        );
    }
}
