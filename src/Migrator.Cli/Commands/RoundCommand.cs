using Microsoft.Extensions.Logging;
using Migrator.App.Commands;
using Migrator.App.Execution;
using Migrator.App.Formatting;
using Migrator.App.Hosting;
using Migrator.App.Jobs;
using Migrator.App.Output;
using Migrator.Core.Jobs;
using Migrator.Core.Migrations;
using Migrator.Core.Reports;
using Migrator.Core.Rounds;

namespace Migrator.Cli.Commands;

/// <summary><c>migrator run</c> for a job of several mailboxes: a round of its own, with the limits of the service and beside it.</summary>
internal static class RoundCommand
{
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_say = TimeSpan.FromSeconds(10);

    public static async Task<int> RunAsync(JobDefinition job, IReadOnlyCollection<string>? only, bool failed, Surroundings surroundings, CancellationToken stop)
    {
        StandardOutput.IsOnRecord();
        await using var stores = Stores.Open(surroundings);
        var (screen, identity) = (new Screen(surroundings), WorkerIdentity.New());
        if ((await stores.Queue.PausedAsync(stop).ConfigureAwait(false)).Contains(job.Name))
            throw new JobControlException($"{job.Name} is paused, so that nothing of it is run. \"migrator jobs resume {job.Name}\" lets it go on.");
        if (failed)
        {
            var notComplete = (await stores.History.MailboxesAsync(job.Name, stop).ConfigureAwait(false)).Where(mailbox => mailbox.State.IsOver() && mailbox.State != MailboxRunState.Complete).Select(mailbox => mailbox.Mailbox);
            only = [.. notComplete.Where(name => only is null || only.Contains(name))];
        }
        var started = await stores.Queue.StartSeenAsync(RoundPlans.Of(job, only is null ? RoundCause.Person : RoundCause.Retry, null, identity.Name, only is null ? null : only.Contains), stop).ConfigureAwait(false);
        if (started.LeftOut.Count > 0)
            screen.Say(new JsonLine("leftOut") { { "mailboxes", started.LeftOut } }, $"Left out, because another worker has them: {string.Join(", ", started.LeftOut.Take(10))}{(started.LeftOut.Count > 10 ? $" and {started.LeftOut.Count - 10} more" : "")}.");
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
            await WatchAsync(stores.History, round, started.Runs, screen, dispatcher, surroundings.Time, stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }
        finally
        {
            await ended.CancelAsync().ConfigureAwait(false);
            await working.ConfigureAwait(false);
            await stores.Queue.WithdrawAsync(round, CancellationToken.None).ConfigureAwait(false);
        }
        return await SumUpAsync(stores.History, round, job.IsUpkeep, screen, stop).ConfigureAwait(false);
    }

    /// <summary>Says of each mailbox what became of it, as it ends, and now and then how far all are.</summary>
    private static async Task WatchAsync(IRunHistory history, long round, int all, Screen screen, Dispatcher dispatcher, TimeProvider time, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(s_look, time);
        var (told, said) = (new HashSet<long>(), time.GetTimestamp());
        do
        {
            if (await LookAsync(history, round, screen, stop).ConfigureAwait(false) is not { } runs)
                continue;
            foreach (var run in runs.Where(run => run.State.IsOver() && told.Add(run.Run)))
            {
                said = time.GetTimestamp();
                screen.Progress(new JsonLine("mailboxEnded") { { "status", run } }, $"[{told.Count}/{all}] {run.Mailbox}: {Words(run)}");
            }
            if (told.Count >= all)
                return;
            if (time.GetElapsedTime(said) < s_say)
                continue;
            said = time.GetTimestamp();
            var headway = dispatcher.Active.Select(run => run.Headway()).ToList();
            screen.Progress(new JsonLine("progress") { { "ended", told.Count }, { "running", headway.Count }, { "done", headway.Sum(run => run.Done) }, { "expected", headway.Sum(run => run.Expected) }, { "messagesPerSecond", headway.Sum(run => run.MessagesPerSecond) } },
                $"[{told.Count}/{all}] {headway.Count} under way: {Format.Count(headway.Sum(run => run.Done))} of {Format.Count(headway.Sum(run => run.Expected))} messages, {Format.PerSecond(headway.Sum(run => run.MessagesPerSecond))}");
        }
        while (await timer.WaitForNextTickAsync(stop).ConfigureAwait(false));
    }

    /// <returns>Null where the store is away: workers get over that, and so does whoever watches.</returns>
    private static async Task<IReadOnlyList<MailboxStatus>?> LookAsync(IRunHistory history, long round, Screen screen, CancellationToken stop)
    {
        try
        {
            return await history.RunsOfAsync(round, stop).ConfigureAwait(false);
        }
        catch (RoundStoreException exception)
        {
            screen.Doing(exception.Message);
            return null;
        }
    }

    private static async Task<int> SumUpAsync(IRunHistory history, long round, bool upkeep, Screen screen, CancellationToken stop)
    {
        var runs = await history.RunsOfAsync(round, CancellationToken.None).ConfigureAwait(false);
        var (complete, counts) = (runs.Count(run => run.State == MailboxRunState.Complete), runs.Aggregate(default(MessageCounts), (sum, run) => sum + run.Counts));
        if (upkeep)
            await UpkeepView.SayAsync(history, runs, screen).ConfigureAwait(false);
        screen.Say(new JsonLine("round") { { "round", round }, { "mailboxes", runs.Count }, { "complete", complete }, { "counts", counts } },
        [
            "",
            upkeep ? $"{Format.Count(complete)} of {Format.Count(runs.Count, "archive")} complete. {Format.Count(counts.Found, "message")} restored to memory and compared, {Format.Count(counts.Failed)} failed."
                : $"{Format.Count(complete)} of {Format.Count(runs.Count, "mailbox", "mailboxes")} complete. {Format.Count(counts.Found, "message")} found: {Format.Count(counts.Delivered)} moved ({Format.Size(counts.DeliveredOctets)}), {Format.Count(counts.AlreadyThere)} there already, "
                + $"{Format.Count(counts.Vanished)} vanished, {Format.Count(counts.Skipped)} skipped, {Format.Count(counts.Failed)} failed, {Format.Count(counts.Remaining)} remaining.",
            .. runs.Where(run => run.State != MailboxRunState.Complete && run.Failure is not null).Take(20).Select(run => $"  {run.Mailbox}: {run.Failure!.Detail} [{run.Failure.Code}] {run.Failure.Hint}"),
            .. complete < runs.Count && !upkeep ? ["Run again with --failed for those that are not complete."] : Array.Empty<string>(),
        ]);
        return stop.IsCancellationRequested ? ExitCode.Interrupted : complete == runs.Count ? ExitCode.Success : ExitCode.Incomplete;
    }

    private static string Words(MailboxStatus run) => run.State == MailboxRunState.Complete
        ? $"complete, {Format.Count(run.Counts.Delivered, "message")} moved ({Format.Size(run.Counts.DeliveredOctets)}), {Format.Count(run.Counts.AlreadyThere)} there already"
        : $"{run.State.ToString().ToLowerInvariant()}{(run.Failure is { } failure ? $": {failure.Detail} [{failure.Code}]" : "")}";
}
