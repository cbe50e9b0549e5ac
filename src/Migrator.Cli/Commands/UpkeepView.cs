using System.Text.Json;
using Migrator.App.Formatting;
using Migrator.App.Output;
using Migrator.Core.Failures;
using Migrator.Core.JobRuns;
using Migrator.Core.Migrations;
using Migrator.Core.Reports;

namespace Migrator.Cli.Commands;

/// <summary>Shows what upkeep found and did, at a terminal.</summary>
internal static class UpkeepView
{
    public static async Task ReportErrorsAsync(IRunHistory history, IReadOnlyList<MailboxStatus> runs, CommandOutput screen)
    {
        foreach (var run in runs.Where(run => run.HasReport))
        {
            if (
                await history.ReportAsync(run.Run, CancellationToken.None) is not { } json
                || ReportJson.Parse<RunReport>(json) is not { } report
            )
                continue;
            screen.Say(
                new JsonLine("upkeep") { { "archive", run.Mailbox }, { "report", report } },
                [
                    $"{run.Mailbox}:",
                    .. report.Notices.Select(notice => $"  {notice}"),
                    .. report.Problems.SelectMany(problem =>
                        new[] { $"  Problem: {problem.Detail} [{problem.Code}]", $"    {problem.Hint}" }
                    ),
                    .. report.Failures.Take(20).Select(failure => $"  {failure.Folder}  UID {failure.Uid}: {failure.Failure.Detail}"),
                    "",
                ]
            );
        }
    }
}
