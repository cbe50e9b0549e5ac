using Migrator.App.Formatting;
using Migrator.Core.Migrations;
using Migrator.Core.Reports;

namespace Migrator.App.Reports;

/// <summary>What the pages of a run and of a verify have in common.</summary>
internal static class PageParts
{
    /// <summary>A list longer than this is folded away until a reader opens it; printing opens it.</summary>
    private const int Unfolded = 50;

    public static void AddTally(Html html, Tally tally)
    {
        html.Add($"""<div class="tally"><div><b>{tally.Total}</b><span>{tally.Name}</span></div>""");
        foreach (var (index, (name, count)) in tally.Parts.Index())
        {
            var alert = count > 0 && name is ("failed" or "not reached" or "missing" or "altered");
            html.Add($"""<i>{(index == 0 ? "=" : "+")}</i><div class="{(alert ? "alert" : "")}"><b>{count}</b><span>{name}</span></div>""");
        }
        html.Add($"</div>\n");
    }

    /// <summary>A headed table of at most <see cref="ReportPage.MostRows"/> rows; nothing where there are none.</summary>
    /// <param name="columns">Names; one that begins with <c>#</c> is of numbers.</param>
    /// <param name="count">Of all that there are; null where the rows are all.</param>
    public static void AddTable<T>(Html html, string title, IReadOnlyCollection<T> rows, string[] columns, Action<T> addRow, Action? addFoot = null, long? count = null)
    {
        if (rows.Count == 0)
            return;
        html.Add($"<h2>{title}: {count ?? rows.Count}</h2>\n");
        if (count > rows.Count)
            html.Add($"<p>{rows.Count} of them are listed; all are counted.</p>\n");
        if (rows.Count > ReportPage.MostRows)
            html.Add($"<p>The first {ReportPage.MostRows} are shown here; the JSON file has all {rows.Count}.</p>\n");
        if (rows.Count > Unfolded)
            html.Add($"<details><summary>Show the list</summary>\n");
        html.Add($"""<div class="wide"><table class="cards"><thead><tr>""");
        foreach (var column in columns)
            html.Add($"""<th class="{(column.StartsWith('#') ? "n" : "")}">{column.TrimStart('#')}</th>""");
        html.Add($"</tr></thead><tbody>\n");
        foreach (var row in rows.Take(ReportPage.MostRows))
        {
            html.Add($"<tr>");
            addRow(row);
            html.Add($"</tr>\n");
        }
        html.Add($"</tbody>");
        addFoot?.Invoke();
        html.Add($"</table></div>\n");
        if (rows.Count > Unfolded)
            html.Add($"</details>\n");
    }

    public static void AddNumber(Html html, string label, long count, bool alert = false) =>
        html.Add($"""<td class="n{(count == 0 ? " zero" : alert ? " alert" : "")}" data-label="{label}">{count}</td>""");

    public static void AddSubject(Html html, string? subject) =>
        html.Add($"""<td class="{(string.IsNullOrWhiteSpace(subject) ? "subject soft" : "subject")}" data-label="Subject">{new Bdi(Wording.Subject(subject))}</td>""");

    public static void AddDifferences(Html html, IReadOnlyList<Difference> differences, IReadOnlyDictionary<DifferenceKind, long> counts)
    {
        foreach (var kind in Wording.Kinds)
            AddTable(html, Wording.Title(kind), [.. differences.Where(difference => difference.Kind == kind)],
                kind == DifferenceKind.Folder ? ["Folder", "At the source", "At the target"] : ["Folder", "#UID", "Subject", "At the source", "At the target"], difference => AddDifference(html, difference), count: counts.GetValueOrDefault(kind));
    }

    public static void AddNotices(Html html, IReadOnlyList<string> notices)
    {
        if (notices.Count == 0)
            return;
        html.Add($"<h2>Good to know</h2>\n<ul>\n");
        foreach (var notice in notices.Take(ReportPage.MostRows))
            html.Add($"<li>{new Bdi(notice)}</li>\n");
        html.Add($"</ul>\n");
        if (notices.Count > ReportPage.MostRows)
            html.Add($"<p>The JSON file has all {notices.Count}.</p>\n");
    }

    private static void AddDifference(Html html, Difference difference)
    {
        html.Add($"""<td data-label="Folder">{difference.Folder}""");
        if (difference.TargetFolder != difference.Folder)
            html.Add($" → {difference.TargetFolder}");
        html.Add($"</td>");
        if (difference.Kind != DifferenceKind.Folder)
        {
            html.Add($"""<td class="n" data-label="UID">""");
            if (difference.Uid is { } uid)
                html.Add($"{new Uid(uid)}");
            if (difference.TargetUid is { } target && difference.Uid != target)
                html.Add($"<small>at the target {new Uid(target)}</small>");
            html.Add($"</td>");
            AddSubject(html, difference.Subject);
        }
        html.Add($"""<td data-label="Source"><code>{new Bdi(Wording.Value(difference.Expected))}</code></td><td data-label="Target"><code>{new Bdi(Wording.Value(difference.Actual))}</code></td>""");
    }
}
