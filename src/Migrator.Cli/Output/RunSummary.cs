using Migrator.App.Formatting;
using Migrator.Core.Reports;
using Spectre.Console;

namespace Migrator.Cli.Output;

/// <summary>What a run came to, for a person at the end of it.</summary>
public static class RunSummary
{
    private static readonly (string Name, Func<MessageCounts, long> Count, bool Always)[] s_columns =
    [
        ("Found", counts => counts.Found, true), ("Delivered", counts => counts.Delivered, true),
        ("Already there", counts => counts.AlreadyThere, false), ("Vanished", counts => counts.Vanished, false),
        ("Skipped", counts => counts.Skipped, false), ("Failed", counts => counts.Failed, false), ("Not reached", counts => counts.Remaining, false),
    ];

    /// <param name="files">Null where no report was written.</param>
    public static void Write(IAnsiConsole console, RunReport report, ReportPaths? files)
    {
        var summary = new SummaryWriter(console);
        if (report.Folders.Count > 0)
            summary.Table(
                report.Folders, Wording.NeedsAttention, Wording.Folder, Wording.Note,
                [.. s_columns.Where(column => column.Always || column.Count(report.Total) > 0)
                    .Select(column => (column.Name switch { "Delivered" => Wording.Done(report.Operation), "Already there" => Wording.There(report.Operation), var name => name }, (Func<FolderReport, long>)(folder => column.Count(folder.Counts))))]);
        summary.Line(Tally.Of(report.Total).ToString());
        summary.Problems(report.Problems);
        summary.FolderFailures(report.Folders);
        summary.Failures(report.Failures);
        summary.Differences(report.Differences, report.DifferenceCounts);
        summary.Hints(Wording.Hints(report));
        summary.Notices(report.Notices);
        summary.End(Verdict.Of(report), Wording.Speed(report.Finished - report.Started, report.Total.Delivered, report.Total.DeliveredOctets), files);
    }
}
