namespace Migrator.App.Reports;

/// <summary>A headed part of a report.</summary>
/// <param name="Count">Of all that there are, listed or not.</param>
public abstract record ReportPart(string Title, long Count);
