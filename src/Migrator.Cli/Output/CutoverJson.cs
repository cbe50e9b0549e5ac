using Migrator.App.Output;
using Migrator.Core.Reports;

namespace Migrator.Cli.Output;

/// <summary>A cut-over, for a program (docs/output.md).</summary>
internal static class CutoverJson
{
    public static JsonLine Line(CutoverReport report, int exitCode) =>
        new("cutover")
        {
            { "job", report.Job },
            { "source", report.Source },
            { "target", report.Target },
            { "dryRun", report.IsTrial },
            {
                "checks",
                report.Checks.Select(check => new JsonFields
                {
                    { "name", check.Name },
                    { "met", check.IsMet },
                    { "detail", check.Detail },
                })
            },
            { "switched", report.Switched },
            { "sweptUntil", report.SweptUntil },
            { "exitCode", exitCode },
        };
}
