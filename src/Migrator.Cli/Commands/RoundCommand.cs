using Microsoft.Extensions.Logging;
using Migrator.App.Commands;
using Migrator.App.Execution;
using Migrator.App.Formatting;
using Migrator.App.Hosting;
using Migrator.App.Jobs;
using Migrator.App.Output;
using Migrator.App.Progress;
using Migrator.Core.Jobs;
using Migrator.Core.Migrations;
using Migrator.Core.Reports;
using Migrator.Core.Rounds;

namespace Migrator.Cli.Commands;

/// <summary><c>migrator run</c> for a job of several mailboxes: a round of its own, with the limits of the service and beside it.</summary>
internal static class RoundCommand
{
    public static async Task<int> RunAsync(JobDefinition job, IReadOnlyCollection<string>? only, bool failed, Surroundings surroundings, CancellationToken stop)
    {
        StandardOutput.IsOnRecord();
        await using var stores = Stores.Open(surroundings);
        var (screen, identity) = (new Screen(surroundings), WorkerIdentity.New());
        if ((await stores.Queue.PausedAsync(stop).ConfigureAwait(false)).Contains(job.Name))
            throw new JobControlException($"{job.Name} is paused. Resume it with \"migrator jobs resume {job.Name}\".");
        if (failed)
        {
            var notComplete = (await stores.History.MailboxesAsync(job.Name, stop).ConfigureAwait(false)).Where(mailbox => mailbox.State.NeedsRerun()).Select(mailbox => mailbox.Mailbox);
            only = [.. notComplete.Where(name => only is null || only.Contains(name))];
        }
        var started = await stores.Queue.StartSeenAsync(RoundPlans.Of(job, only is null ? RoundCause.Person : RoundCause.Retry, null, identity.Name, only is null ? null : only.Contains), stop).ConfigureAwait(false);
        if (started.LeftOut.Count > 0)
            screen.Say(new JsonLine("leftOut") { { "mailboxes", started.LeftOut } }, $"Left out, because another worker has them: {Wording.Names(started.LeftOut, 10)}.");
        if (started.Round is not { } round)
        {
            screen.Say(new JsonLine("nothing") { { "job", job.Name } }, failed ? $"{job.Name}: no mailbox has failed." : $"{job.Name}: there is nothing to run.");
            return started.LeftOut.Count > 0 ? ExitCode.Incomplete : ExitCode.Success;
        }

        using var spool = WorkerSpool.Open(surroundings.Spools, identity.Name);
        var dispatcher = new Dispatcher(stores.Queue, () => [job], _ => true, identity, stores.Settings, surroundings, spool, new OpenArchives(), true, surroundings.Loggers.CreateLogger<Dispatcher>());
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var working = dispatcher.RunAsync(ended.Token);
        try
        {
            var watch = new RoundWatch(stores.History, round, dispatcher, new JobProgress(job.Name, JobTask.Run, started.Runs, surroundings.Time), screen, surroundings.Time);
            await watch.DuringAsync(stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            screen.Doing("Stopping. Running mailboxes stop at their next safe point.");
        }
        finally
        {
            await ended.CancelAsync().ConfigureAwait(false);
            await working.ConfigureAwait(false);
            await stores.Queue.WithdrawAsync(round, CancellationToken.None).ConfigureAwait(false);
        }
        return await SumUpAsync(stores.History, round, job, screen, surroundings.Time, stop).ConfigureAwait(false);
    }

    /// <summary>Also after Ctrl-C: what was done is worth knowing then above all.</summary>
    private static async Task<int> SumUpAsync(IRunHistory history, long round, JobDefinition job, Screen screen, TimeProvider time, CancellationToken stop)
    {
        var runs = await history.RunsOfAsync(round, CancellationToken.None).ConfigureAwait(false);
        var directory = screen.Directory(job.Name, runs.Min(run => run.Queued), JobTask.Run);
        var report = await RoundReport.ReadAsync(history, runs, stop.IsCancellationRequested, time.GetLocalNow(), (result, run) => screen.KeptAsync(directory, result, run), CancellationToken.None).ConfigureAwait(false);
        if (job.IsUpkeep)
            await UpkeepView.SayAsync(history, runs, screen).ConfigureAwait(false);
        return await screen.ReportAsync(report, directory, new JsonLine("round")
        {
            { "round", round }, { "mailboxes", runs.Count }, { "complete", runs.Count(run => run.State == MailboxRunState.Complete) }, { "counts", report.Total },
        }).ConfigureAwait(false);
    }
}
