using Migrator.App.Formatting;
using Migrator.Core.Migrations;
using Migrator.Core.Reports;

namespace Migrator.App.Reports;

/// <summary>A report as one page that needs neither network nor script: it is mailed, printed and kept as proof.</summary>
public static class ReportPage
{
    /// <summary>Rows of a kind that the page shows: a browser must open it. The JSON file has them all.</summary>
    public const int MostRows = 1000;

    public static string Of(RunReport report) => Page(
        $"{(report.Operation == Operation.Copy ? "Migration" : report.Operation.ToString())} report", report.Job, Verdict.Of(report), report.Source, report.Target, report.Started, report.Finished,
        Wording.Speed(report.Finished - report.Started, report.Total.Delivered, report.Total.DeliveredOctets),
        [Tally.Of(report.Total)], html => RunSections.Add(html, report));

    public static string Of(VerifyReport report) => Page(
        "Verification report", report.Job, Verdict.Of(report), report.Source, report.Target, report.Started, report.Finished,
        "Every message was read in full at both ends and compared by its SHA-256 digest. "
            + Wording.Speed(report.Finished - report.Started, report.Folders.Sum(folder => folder.SourceMessages), report.Folders.Sum(folder => folder.SourceOctets)),
        Tally.Of(report), html => VerifySections.Add(html, report));

    private static string Version { get; } = typeof(ReportPage).Assembly.GetName().Version?.ToString(3) ?? "";

    private static string Page(string kind, string job, Verdict verdict, string source, string target,
        DateTimeOffset started, DateTimeOffset finished, string how, IReadOnlyList<Tally> tallies, Action<Html> sections)
    {
        var html = new Html();
        html.Add($"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="referrer" content="no-referrer">
            <title>{kind}: {job}</title>
            <style>

            """);
        html.AddStyle().Add($"""

            </style>
            </head>
            <body>
            <main>
            <section class="verdict {(verdict.Good ? "good" : "bad")}">
            <p class="kind">{kind} · {finished}</p>
            <h1>{verdict.Headline}.</h1>

            """);
        if (verdict.Then is not null)
            html.Add($"<p>{verdict.Then}</p>\n");
        html.Add($"""
            </section>
            <dl>
            <dt>Job</dt><dd>{new Bdi(job)}</dd>
            <dt>From</dt><dd>{new Bdi(Wording.Account(source))}</dd>
            <dt>To</dt><dd>{new Bdi(Wording.Account(target))}</dd>
            <dt>Started</dt><dd>{started}</dd>
            <dt>Finished</dt><dd>{finished}</dd>
            <dt>How</dt><dd>{how}</dd>
            </dl>

            """);
        foreach (var tally in tallies)
            PageParts.AddTally(html, tally);
        sections(html);
        html.Add($"""
            <footer>Written by Migrator {Version}. The JSON file of the same name holds everything in a form for programs.</footer>
            </main>
            </body>
            </html>

            """);
        return html.ToString();
    }
}
