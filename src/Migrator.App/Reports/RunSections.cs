using Migrator.App.Formatting;
using Migrator.Core.Failures;
using Migrator.Core.Reports;

namespace Migrator.App.Reports;

internal static class RunSections
{
    public static void Add(Html html, RunReport report)
    {
        var hints = Wording.Hints(report);
        if (hints.Count > 0)
        {
            html.Add($"<h2>What to do</h2>\n<ul>\n");
            foreach (var hint in hints)
                html.Add($"<li><code>{hint.Code}</code> {new Bdi(hint.Hint)}</li>\n");
            html.Add($"</ul>\n");
        }
        PageParts.AddTable(html, "Problems", report.Problems, ["Why"], problem => AddWhy(html, problem));
        PageParts.AddTable(html, "Folders that failed", [.. report.Folders.Where(folder => folder.Failure is not null)], ["Folder", "Why"], folder =>
        {
            html.Add($"""<td data-label="Folder">{new Bdi(Wording.Folder(folder))}</td>""");
            AddWhy(html, folder.Failure!);
        });
        PageParts.AddTable(html, "Messages that failed", report.Failures, ["Folder", "#UID", "Subject", "#Size", "Why"], failure =>
        {
            html.Add($"""<td data-label="Folder">{failure.Folder}""");
            if (failure.File is { } file)
                html.Add($"<small>{new Bdi(file)}</small>");
            html.Add($"""</td><td class="n" data-label="UID">{new Uid(failure.Uid)}</td>""");
            PageParts.AddSubject(html, failure.Subject);
            html.Add($"""<td class="n" data-label="Size">{Format.Size(failure.Size)}</td>""");
            AddWhy(html, failure.Failure);
        });
        PageParts.AddDifferences(html, report.Differences, report.DifferenceCounts);
        PageParts.AddTable(html, report.Operation == Operation.Upkeep ? "Mailboxes" : "Folders", report.Folders,
            [Wording.Part(report.Operation), "#Found", $"#{Wording.Done(report.Operation)}", $"#{Wording.There(report.Operation)}", "#Vanished", "#Skipped", "#Failed", "#Not reached"],
            folder => AddFolder(html, folder, report.Operation), () => AddSum(html, report.Total, report.Operation));
        PageParts.AddNotices(html, report.Notices);
    }

    private static void AddWhy(Html html, Failure failure) =>
        html.Add($"""<td data-label="Why"><code>{failure.Code}</code> <small>{new Bdi(failure.Detail)}</small></td>""");

    private static void AddFolder(Html html, FolderReport folder, Operation operation)
    {
        html.Add($"""<td data-label="{Wording.Part(operation)}">{new Bdi(Wording.Folder(folder))}""");
        if (Wording.Note(folder) is { } note)
            html.Add($"<small>{new Bdi(note)}</small>");
        html.Add($"</td>");
        AddCounts(html, folder.Counts, operation);
    }

    private static void AddSum(Html html, MessageCounts total, Operation operation)
    {
        html.Add($"""<tfoot><tr><td data-label="">In all</td>""");
        AddCounts(html, total, operation);
        html.Add($"</tr></tfoot>");
    }

    private static void AddCounts(Html html, MessageCounts counts, Operation operation)
    {
        PageParts.AddNumber(html, "Found", counts.Found);
        PageParts.AddNumber(html, Wording.Done(operation), counts.Delivered);
        PageParts.AddNumber(html, Wording.There(operation), counts.AlreadyThere);
        PageParts.AddNumber(html, "Vanished", counts.Vanished);
        PageParts.AddNumber(html, "Skipped", counts.Skipped);
        PageParts.AddNumber(html, "Failed", counts.Failed, alert: true);
        PageParts.AddNumber(html, "Not reached", counts.Remaining, alert: true);
    }
}
