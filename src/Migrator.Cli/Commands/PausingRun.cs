using Migrator.App.Execution;
using Migrator.App.Hosting;
using Migrator.App.Output;
using Migrator.Core.Progress;
using Migrator.Core.Reports;

namespace Migrator.Cli.Commands;

/// <summary>A run of one mailbox that waits, without a connection, where a server or a limit asks for a pause.</summary>
internal static class PausingRun
{
    /// <param name="name">Of the job or command.</param>
    /// <param name="run">Resumes where the one before it stopped.</param>
    /// <param name="forecast">From a report, when daily limits let the mailbox be complete; null where that is not known.</param>
    public static async Task<int> RunAsync(
        string name,
        Func<RunProgress, Task<RunReport>> run,
        CommandContext context,
        CancellationToken stop,
        Func<RunReport, Task<DateTimeOffset?>>? forecast = null
    )
    {
        var screen = new CommandOutput(context);
        while (true)
        {
            var progress = new RunProgress();
            var report = await screen.WatchAsync(progress, () => run(progress));
            if (RunPause.Of(report) is not { } pause)
                return await screen.ReportAsync(report);
            var until = context.Time.GetUtcNow() + pause;
            var end = forecast is null ? null : await forecast(report);
            screen.Say(
                new JsonLine("paused")
                {
                    { "job", name },
                    { "until", until },
                    { "completeBy", end },
                    { "why", report.Stopped!.Detail },
                },
                $"{report.Stopped!.Detail} {RunPause.Words(report.Stopped, until, end, context.Time)} "
                    + "Press Ctrl-C to end; a later run resumes from here."
            );
            try
            {
                await Task.Delay(pause, context.Time, stop);
            }
            catch (OperationCanceledException)
            {
                return await screen.ReportAsync(report with { Outcome = RunOutcome.Interrupted });
            }
        }
    }
}
