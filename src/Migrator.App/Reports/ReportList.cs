namespace Migrator.App.Reports;

public sealed record ReportList(string Title, IReadOnlyList<ReportCell> Items) : ReportPart(Title, Items.Count);
