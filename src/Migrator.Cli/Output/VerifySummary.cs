using Migrator.App.Formatting;
using Migrator.Core.Reports;
using Spectre.Console;

namespace Migrator.Cli.Output;

/// <summary>What a verify showed, for a person at the end of it.</summary>
public static class VerifySummary
{
    private static readonly (string Name, Func<FolderComparison, long> Count, bool Always)[] s_columns =
    [
        ("Source", folder => folder.SourceMessages, true), ("Target", folder => folder.TargetMessages, true), ("Same", folder => folder.Matched, true),
        ("Missing", folder => folder.Missing, false), ("Altered", folder => folder.Altered, false), ("Other flags", folder => folder.FlagsDiffer, false),
        ("Other date", folder => folder.DatesDiffer, false), ("Twice", folder => folder.Duplicates, false), ("Extra", folder => folder.Extra, false),
    ];

    /// <param name="files">Null where no report was written.</param>
    public static void Write(IAnsiConsole console, VerifyReport report, ReportPaths? files)
    {
        var summary = new SummaryWriter(console);
        if (report.Folders.Count > 0)
            summary.Table(
                report.Folders, folder => !folder.Identical || folder.Extra > 0, Wording.Folder,
                Wording.Note,
                [.. s_columns.Where(column => column.Always || report.Folders.Any(folder => column.Count(folder) > 0)).Select(column => (column.Name, column.Count))]);
        foreach (var tally in Tally.Of(report))
            summary.Line(tally.ToString());
        summary.Differences(report.Differences, report.DifferenceCounts);
        summary.Notices(report.Notices);
        summary.End(Verdict.Of(report),
            Wording.Speed(report.Finished - report.Started, report.Folders.Sum(folder => folder.SourceMessages), report.Folders.Sum(folder => folder.SourceOctets)), files);
    }
}
