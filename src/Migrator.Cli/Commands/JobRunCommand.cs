using Microsoft.Extensions.Logging;
using Migrator.App.Commands;
using Migrator.App.Execution;
using Migrator.App.Formatting;
using Migrator.App.Hosting;
using Migrator.App.Jobs;
using Migrator.App.Output;
using Migrator.App.Progress;
using Migrator.Core.JobRuns;
using Migrator.Core.Jobs;
using Migrator.Core.Reports;

namespace Migrator.Cli.Commands;

/// <summary><c>migrator run</c> for a job of several mailboxes: a separate job run, with the limits of the service and beside it.</summary>
internal static class JobRunCommand
{
    public static async Task<int> RunAsync(
        JobDefinition job,
        IReadOnlyCollection<string>? only,
        bool failed,
        CommandContext context,
        CancellationToken stop
    )
    {
        StandardOutput.IsOnRecord();
        await using var stores = Stores.Open(context);
        var (screen, identity) = (new CommandOutput(context), WorkerIdentity.New());
        if ((await stores.Queue.PausedAsync(stop)).Contains(job.Name))
            throw new JobControlException($"{job.Name} is paused. Resume it with \"migrator jobs resume {job.Name}\".");
        if (failed)
        {
            var notComplete = (await stores.History.MailboxesAsync(job.Name, stop))
                .Where(mailbox => mailbox.State.NeedsRerun())
                .Select(mailbox => mailbox.Mailbox);
            only = [.. notComplete.Where(name => only is null || only.Contains(name))];
        }
        var started = await stores.Queue.StartInstrumentedAsync(
            JobRunPlanner.Of(
                job,
                only is null ? JobRunTrigger.Manual : JobRunTrigger.Retry,
                null,
                identity.Name,
                only is null ? null : only.Contains
            ),
            stop
        );
        if (started.LeftOut.Count > 0)
            screen.Say(
                new JsonLine("leftOut") { { "mailboxes", started.LeftOut } },
                $"Skipped, because another worker runs them: {DisplayText.Names(started.LeftOut, 10)}."
            );
        if (started.JobRun is not { } jobRun)
        {
            screen.Say(
                new JsonLine("nothing") { { "job", job.Name } },
                failed ? $"{job.Name}: no mailbox has failed." : $"{job.Name}: there is nothing to run."
            );
            return started.LeftOut.Count > 0 ? ExitCode.Incomplete : ExitCode.Success;
        }

        using var spool = WorkerSpool.Open(context.Paths.Spools, identity.Name);
        var dispatcher = new Dispatcher(
            stores.Queue,
            () => [job],
            _ => true,
            identity,
            stores.Settings,
            context,
            spool,
            new ArchiveCache(),
            true,
            context.Loggers.CreateLogger<Dispatcher>()
        );
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var working = dispatcher.RunAsync(ended.Token);
        try
        {
            var watch = new JobRunWatch(
                stores.History,
                jobRun,
                dispatcher,
                new JobProgress(job.Name, JobTask.Run, started.Runs, context.Time),
                screen,
                context.Time
            );
            await watch.DuringAsync(stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            screen.Doing("Stopping. Running mailboxes stop at their next safe point.");
        }
        finally
        {
            await ended.CancelAsync();
            await working;
            await stores.Queue.WithdrawAsync(jobRun, CancellationToken.None);
        }
        return await SumUpAsync(stores.History, jobRun, job, screen, context.Time, stop);
    }

    /// <summary>Also after Ctrl-C: what was done is worth knowing then above all.</summary>
    private static async Task<int> SumUpAsync(
        IRunHistory history,
        long jobRun,
        JobDefinition job,
        CommandOutput screen,
        TimeProvider time,
        CancellationToken stop
    )
    {
        var runs = await history.RunsOfAsync(jobRun, CancellationToken.None);
        var directory = screen.Directory(job.Name, runs.Min(run => run.Queued), JobTask.Run);
        var report = await JobRunReport.ReadAsync(
            history,
            runs,
            stop.IsCancellationRequested,
            time.GetLocalNow(),
            (result, run) => screen.KeptAsync(directory, result, run),
            CancellationToken.None
        );
        if (job.IsUpkeep)
            await UpkeepView.ReportErrorsAsync(history, runs, screen);
        return await screen.ReportAsync(
            report,
            directory,
            new JsonLine("jobRun")
            {
                { "jobRun", jobRun },
                { "mailboxes", runs.Count },
                { "complete", runs.Count(run => run.State == MailboxRunState.Complete) },
                { "counts", report.Total },
            }
        );
    }
}
