using Migrator.App.Formatting;
using Migrator.Core.Reports;
using Spectre.Console;

namespace Migrator.Cli.Output;

/// <summary>What became of a cut-over, for a person at the end of it.</summary>
internal static class CutoverSummary
{
    public static void Write(IAnsiConsole console, CutoverReport report)
    {
        var summary = new SummaryWriter(console);
        summary.Line($"{DisplayText.Account(report.Source)} -> {DisplayText.Account(report.Target)}");
        foreach (var check in report.Checks)
            summary.Line(
                $"{(check.IsMet ? "ok " : "NO ")} {check.Name}: {check.Detail}",
                2,
                check.IsMet ? Style.Plain : new Style(Color.Red)
            );
        summary.End(Verdict(report), null, null);
    }

    public static Verdict Verdict(CutoverReport report) =>
        report switch
        {
            { IsReady: false } => new(false, $"Not switched: {Names(report.Checks.Where(check => !check.IsMet))}", "Nothing was changed."),
            { IsTrial: true } => new(true, "Ready to switch", "Nothing was changed."),
            { Switched: { } since, SweptUntil: { } until } => new(
                report.IsComplete,
                $"Switched on {Format.Moment(since)}{(report.IsComplete ? "" : ", and this pass was not complete")}",
                $"Runs of the job bring mail that still arrives at the source until {Format.Moment(until)}, and follow nothing else."
            ),
            _ => new(false, "Not switched: the final pass was not complete", "Its report says why. Run the same command again."),
        };

    private static string Names(IEnumerable<CutoverCheck> checks) =>
        string.Join(", ", checks.Select(check => check.Name.ToLowerInvariant()));
}
