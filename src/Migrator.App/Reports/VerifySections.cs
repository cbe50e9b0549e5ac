using Migrator.App.Formatting;
using Migrator.Core.Reports;

namespace Migrator.App.Reports;

internal static class VerifySections
{
    public static void Add(Html html, VerifyReport report)
    {
        PageParts.AddDifferences(html, report.Differences, report.DifferenceCounts);
        PageParts.AddTable(html, "Folders compared", report.Folders,
            ["Folder", "#Source", "#Target", "#Same", "#Missing", "#Altered", "#Other flags", "#Other date", "#Twice", "#Extra"],
            folder => AddFolder(html, folder), () => AddSum(html, report));
        PageParts.AddNotices(html, report.Notices);
    }

    private static void AddFolder(Html html, FolderComparison folder)
    {
        html.Add($"""<td data-label="Folder">{new Bdi(Wording.Folder(folder))}""");
        if (Wording.Note(folder) is { } note)
            html.Add($"<small>{note}</small>");
        html.Add($"</td>");
        AddCounts(html, count => count(folder));
    }

    private static void AddSum(Html html, VerifyReport report)
    {
        html.Add($"""<tfoot><tr><td data-label="">In all</td>""");
        AddCounts(html, count => report.Folders.Sum(count));
        html.Add($"</tr></tfoot>");
    }

    private static void AddCounts(Html html, Func<Func<FolderComparison, long>, long> get)
    {
        PageParts.AddNumber(html, "Source", get(folder => folder.SourceMessages));
        PageParts.AddNumber(html, "Target", get(folder => folder.TargetMessages));
        PageParts.AddNumber(html, "Same", get(folder => folder.Matched));
        PageParts.AddNumber(html, "Missing", get(folder => folder.Missing), alert: true);
        PageParts.AddNumber(html, "Altered", get(folder => folder.Altered), alert: true);
        PageParts.AddNumber(html, "Other flags", get(folder => folder.FlagsDiffer), alert: true);
        PageParts.AddNumber(html, "Other date", get(folder => folder.DatesDiffer), alert: true);
        PageParts.AddNumber(html, "Twice", get(folder => folder.Duplicates), alert: true);
        PageParts.AddNumber(html, "Extra", get(folder => folder.Extra));
    }
}
