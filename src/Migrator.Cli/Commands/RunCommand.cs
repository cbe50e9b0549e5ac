using Migrator.App.Execution;
using Migrator.App.Hosting;
using Migrator.App.Output;
using Migrator.Core.Blobs;
using Migrator.Core.Jobs;
using Migrator.Core.Progress;
using Migrator.Core.Reports;

namespace Migrator.Cli.Commands;

/// <summary><c>migrator run</c> for one mailbox, and <c>migrator copy</c>.</summary>
public static class RunCommand
{
    public static async Task<int> RunAsync(Job job, CommandContext context, CancellationToken stop)
    {
        RequestCount.Begin();
        var run = await JobRun.PrepareAsync(
            job,
            context,
            (archive, stores, token) => stores.Archive(archive).OpenAsync(ArchiveUse.Write, token),
            stop
        );
        var screen = new CommandOutput(context);
        while (true)
        {
            var progress = new RunProgress();
            var report = await screen.WatchAsync(progress, () => run(progress));
            if (RunPause.Of(report) is not { } pause)
                return await screen.ReportAsync(report);
            var until = context.Time.GetUtcNow() + pause;
            screen.Say(
                new JsonLine("paused")
                {
                    { "job", job.Name },
                    { "until", until },
                    { "why", report.Stopped!.Detail },
                },
                $"{report.Stopped!.Detail} {RunPause.Words(until, context.Time)} Press Ctrl-C to end; a later run resumes from here."
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
