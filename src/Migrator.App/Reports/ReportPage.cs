using Migrator.App.Formatting;
using Migrator.Core.Reports;

namespace Migrator.App.Reports;

/// <summary>A report as one page that needs neither network nor script: it is mailed, printed and kept as proof.</summary>
/// <param name="zone">Whose time is shown.</param>
public sealed class ReportPage(TimeZoneInfo zone)
{
    /// <summary>Rows of a kind that the page shows: a browser must open it. The JSON file has them all.</summary>
    public const int MostRows = 1000;

    /// <summary>A list longer than this is folded away until a reader opens it; printing opens it.</summary>
    private const int Unfolded = 50;

    public string Of(RunReport report) => Of(RunDocument.Of(report));

    public string Of(VerifyReport report) => Of(VerifyDocument.Of(report));

    /// <param name="link">The page of a mailbox; null where there is none. By default the file beside the overview.</param>
    public string Of(JobReport report, Func<MailboxResult, string?>? link = null) => Of(JobDocument.Of(report, link));

    public string Of(ReportDocument document)
    {
        var (html, verdict) = (new Html(), document.Verdict);
        html.Add(
            $"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="referrer" content="no-referrer">
            <title>{document.Kind}: {document.Job}</title>
            <style>

            """
        );
        html.AddStyle()
            .Add(
                $"""

                </style>
                </head>
                <body>
                <main>
                <section class="verdict {(verdict.Good ? "good" : "bad")}">
                <p class="kind">{document.Kind} · {Moment(document.Finished)}</p>
                <h1>{verdict.Headline}.</h1>

                """
            );
        if (verdict.Then is not null)
            html.Add($"<p>{verdict.Then}</p>\n");
        html.Add($"</section>\n<dl>\n");
        foreach (
            var (name, value) in document
                .Facts.Prepend(("Job", document.Job))
                .Concat([
                    ("Started", Moment(document.Started)),
                    ("Finished", Moment(document.Finished)),
                    ("Time zone", Format.Zone(zone, document.Finished)),
                    ("Program", $"Migrator {ProductVersion.Text}"),
                ])
        )
            html.Add($"<dt>{name}</dt><dd>{new BidiIsolate(value)}</dd>\n");
        html.Add($"</dl>\n");
        foreach (var tally in document.Tallies)
            AddTally(html, tally);
        foreach (var part in document.Parts)
        {
            html.Add($"<h2>{part.Title}: {part.Count}</h2>\n");
            if (part is ReportTable table)
                AddTable(html, table);
            else if (part is ReportList list)
                AddList(html, list);
        }
        html.Add($"<footer>Written by Migrator {ProductVersion.Text}. ");
        html.Add(
            $"""
            The {document.ForPrograms} of the same name contains everything in a form for programs.</footer>
            </main>
            </body>
            </html>

            """
        );
        return html.ToString();
    }

    private string Moment(DateTimeOffset time) => Format.Moment(time, zone);

    private static void AddTally(Html html, CountsLine tally)
    {
        html.Add($"""<div class="tally"><div><b>{tally.Total}</b><span>{tally.Name}</span></div>""");
        foreach (var (index, (name, count, alert)) in tally.Shown.Index())
            html.Add($"""<i>{(index == 0 ? "=" : "+")}</i><div class="{(alert ? "alert" : "")}"><b>{count}</b><span>{name}</span></div>""");
        html.Add($"</div>\n");
    }

    private static void AddList(Html html, ReportList list)
    {
        html.Add($"<ul>\n");
        foreach (var item in list.Items.Take(MostRows))
            ReportHtml.AddItem(html.Add($"<li>"), item).Add($"</li>\n");
        html.Add($"</ul>\n");
        if (list.Items.Count > MostRows)
            html.Add($"<p>The JSON file has all {list.Items.Count}.</p>\n");
    }

    private static void AddTable(Html html, ReportTable table)
    {
        var (most, folded) = table.IsMain ? (int.MaxValue, false) : (MostRows, table.Rows.Count > Unfolded);
        if (table.Count > table.Rows.Count)
            html.Add($"<p>{table.Rows.Count} of them are listed; all are counted.</p>\n");
        if (table.Rows.Count > most)
            html.Add($"<p>The first {most} are shown here; the JSON file has all {table.Rows.Count}.</p>\n");
        if (folded)
            html.Add($"<details><summary>Show the list</summary>\n");
        ReportHtml
            .AddHead(html.Add($"""<div class="wide"><table class="cards {table.Css}"><thead><tr>"""), table)
            .Add($"</tr></thead><tbody>\n");
        foreach (var row in table.Rows.Take(most))
            ReportHtml.AddRow(html.Add($"<tr>"), table, row).Add($"</tr>\n");
        html.Add($"</tbody>");
        if (table.Foot is { } foot)
            ReportHtml.AddRow(html.Add($"<tfoot><tr>"), table, foot).Add($"</tr></tfoot>");
        html.Add($"</table></div>\n");
        if (folded)
            html.Add($"</details>\n");
    }
}
