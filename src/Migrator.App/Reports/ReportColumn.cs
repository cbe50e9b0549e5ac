namespace Migrator.App.Reports;

public sealed record ReportColumn(string Title, ReportColumnKind Kind = ReportColumnKind.Text);
