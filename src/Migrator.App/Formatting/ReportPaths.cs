namespace Migrator.App.Formatting;

/// <summary>Where a report was written: full paths.</summary>
/// <param name="Json">For programs, with everything in it.</param>
/// <param name="Html">For people: one page that needs nothing else.</param>
public sealed record ReportPaths(string Json, string Html);
