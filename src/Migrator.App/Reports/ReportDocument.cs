using Migrator.App.Formatting;

namespace Migrator.App.Reports;

/// <summary>What a report shows, part by part, wherever it is shown: the page that is written to a file, and the dashboard.</summary>
/// <param name="Kind">"Migration report".</param>
/// <param name="Facts">From where to where, how long.</param>
/// <param name="Parts">Those that have something to say, in the order in which a reader should see them.</param>
public sealed record ReportDocument(
    string Kind,
    string Job,
    Verdict Verdict,
    DateTimeOffset Started,
    DateTimeOffset Finished,
    IReadOnlyList<(string Name, string Value)> Facts,
    IReadOnlyList<CountsLine> Tallies,
    IReadOnlyList<ReportPart> Parts
)
{
    /// <summary>What the file of the same name is that a program reads.</summary>
    public string ForPrograms { get; init; } = "JSON file";
}
