using Migrator.App.Formatting;
using Migrator.App.Reports;
using Migrator.Core.Reports;
using Spectre.Console;

namespace Migrator.Cli.Output;

/// <summary>What a verify showed, for a person at the end of it.</summary>
public static class VerifySummary
{
    /// <param name="files">Null where no report was written.</param>
    public static void Write(IAnsiConsole console, VerifyReport report, ReportPaths? files)
    {
        var (summary, total) = (new SummaryWriter(console), ComparedCounts.Of(report));
        if (report.Folders.Count > 0)
            summary.Table(
                "Folder",
                report.Folders,
                folder => !folder.Identical || folder.Extra > 0,
                DisplayText.Folder,
                DisplayText.Note,
                ComparedCounts.Of,
                total,
                CountColumns.Of(total)
            );
        foreach (var tally in CountsLine.Of(total))
            summary.Line(tally.ToString());
        summary.Differences(report.Differences, report.DifferenceCounts);
        summary.Tolerated(report.Tolerated, report.ToleratedCounts.Messages);
        summary.Notices(report.Notices);
        summary.End(
            Verdict.Of(report),
            DisplayText.Speed(report.Finished - report.Started, total.SourceMessages, report.Folders.Sum(folder => folder.SourceBytes)),
            files
        );
    }
}
