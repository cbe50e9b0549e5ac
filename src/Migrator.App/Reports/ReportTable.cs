namespace Migrator.App.Reports;

/// <param name="Css">Names the kind of table to a style sheet.</param>
/// <param name="Rows">Those that are listed.</param>
public sealed record ReportTable(
    string Title,
    string Css,
    IReadOnlyList<ReportColumn> Columns,
    IReadOnlyList<IReadOnlyList<ReportCell>> Rows,
    long Count
) : ReportPart(Title, Count)
{
    /// <summary>The last row: sums. Null for none.</summary>
    public IReadOnlyList<ReportCell>? Foot { get; init; }

    /// <summary>It is what the report is about: shown whole, however long it is.</summary>
    public bool IsMain { get; init; }
}
