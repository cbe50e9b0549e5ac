using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Migrator.App.Formatting;
using Migrator.App.Hosting;
using Migrator.App.Jobs;
using Migrator.App.Settings;
using Migrator.Core.Blobs;
using Migrator.Core.Checkpoints;
using Migrator.Core.Failures;
using Migrator.Core.JobRuns;
using Migrator.Core.Jobs;
using Migrator.Core.Reports;
using Migrator.Core.Timing;

namespace Migrator.App.Execution;

/// <summary>Takes runs from the run database as there is room for them, executes them, and says what became of them.</summary>
/// <param name="jobs">The jobs as they are now.</param>
/// <param name="isOpen">Whether a job's window is open at this moment.</param>
/// <param name="ownOnly">Nothing but job runs for this worker alone.</param>
public sealed class Dispatcher(
    IRunQueue queue,
    Func<IReadOnlyList<JobDefinition>> jobs,
    Func<JobDefinition, bool> isOpen,
    WorkerIdentity identity,
    WorkerSettings settings,
    RunContext context,
    WorkerSpool spool,
    ArchiveCache archives,
    bool ownOnly,
    ILogger<Dispatcher> log
)
{
    /// <summary>How long the store gives a run to a worker that it does not hear of; also for how long a worker may rely on it.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan s_heartbeat = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(1);

    // Together longer than changes of job files may take to be seen, on a network share.
    private const int LooksForMailbox = 5;
    private static readonly TimeSpan s_lookForMailbox = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(16);
    private static readonly TimeSpan s_farewell = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<long, ActiveRun> _active = new();
    private readonly ConcurrentDictionary<Task, byte> _tasks = new();
    private readonly SemaphoreSlim _room = new(0);
    private long _messages,
        _bytes;

    /// <summary>The runs in progress.</summary>
    public IReadOnlyCollection<ActiveRun> Active => [.. _active.Values];

    /// <summary>How the store takes what this worker writes.</summary>
    public Heartbeat Heartbeat { get; } = new(context.Time);

    private TimeProvider Time => context.Time;

    /// <summary>Works until it is asked to stop, and then for the time that running mailboxes need to reach a safe point, at most 16
    /// seconds: the rest of the 20 that are promised goes to what stops before and after.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        using var ended = new CancellationTokenSource();
        var beating = HeartbeatAsync(ended.Token);
        try
        {
            while (!stop.IsCancellationRequested)
            {
                // A worker whose heartbeats are missed must not continue as if it were alone.
                if (beating.IsFaulted)
                    await beating;
                // A store that says nothing may take long to give up a call, too.
                await GuardAsync(() => ClaimAsync(stop)).WaitAsync(stop);
                await _room.WaitAsync(s_look, stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested) { }
        finally
        {
            await StopAllAsync();
            await ended.CancelAsync();
            var leaving = LeaveAsync(beating);
            // Not longer than that: the store may say nothing.
            if (await Task.WhenAny(leaving, Task.Delay(s_farewell, Time, CancellationToken.None)) == leaving)
                await leaving;
        }
    }

    /// <summary>One that is not taken off the list looks like one that died; the last beat would put it there again.</summary>
    private async Task LeaveAsync(Task beating)
    {
        await beating;
        await GuardAsync(() => queue.LeaveAsync(identity.Name, CancellationToken.None));
    }

    private async Task ClaimAsync(CancellationToken stop)
    {
        var open = jobs().Where(isOpen).ToDictionary(job => job.Name);
        var held = _active.Keys.ToArray();
        var claimed = await queue.ClaimAsync(
            new ClaimRequest(
                identity.Name,
                settings.MaxConcurrency - held.Length,
                open.ToDictionary(job => job.Key, job => job.Value.Policy.MaxConcurrency),
                settings.Hosts,
                Lease,
                ownOnly
            )
            {
                Held = held,
            },
            stop
        );
        // Nobody waits for what it would begin now. Others take it when its leases run out.
        if (stop.IsCancellationRequested)
            return;
        foreach (var claim in claimed)
        {
            var job = open[claim.Job];
            if (job.Mailboxes.FirstOrDefault(mailbox => mailbox.Name == claim.Mailbox) is not { } mailbox)
            {
                // The worker or command that started the job run may have read job files that this worker is yet to see.
                var (seen, bad) = (claim.Attempt >= LooksForMailbox, job.InvalidMailboxes.FirstOrDefault(row => row.Name == claim.Mailbox));
                if (seen && bad is null)
                    log.MailboxGone(claim.Run, claim.Job, claim.Mailbox);
                var failure = bad is not null
                    ? JobRunPlanner.Of(bad)
                    : Failure.Of(
                        Reason.MailboxGone,
                        $"The job file does not name this mailbox{(seen ? " any more" : ", as far as this worker has read it")}."
                    );
                var state =
                    !seen ? MailboxRunState.Waiting
                    : bad is not null ? MailboxRunState.Failed
                    : MailboxRunState.Cancelled;
                // The others that were claimed are to begin whatever comes of this.
                await GuardAsync(() =>
                    queue.EndAsync(new RunEnd(claim.Run, claim.FencingToken, state, default, failure, null, s_lookForMailbox, true), stop)
                );
                continue;
            }
            var run = new ActiveRun(claim, job, mailbox, Time);
            _active[claim.Run] = run;
            var task = Task.Run(() => ExecuteAsync(run), CancellationToken.None);
            _tasks[task] = 0;
            _ = task.ContinueWith(done => _tasks.TryRemove(done, out _), TaskScheduler.Default);
        }
    }

    private async Task ExecuteAsync(ActiveRun run)
    {
        var claim = run.Claim;
        if (claim.TakenOver)
            log.RunTakenOver(claim.Run, claim.Job, claim.Mailbox);
        log.RunBegins(claim.Run, claim.Job, claim.Mailbox, claim.Attempt);
        RunReport? report = null;
        RunResolution verdict;
        try
        {
            if (claim.TakenOver && claim.Attempt > run.Job.Policy.MaxAttempts)
                throw new MailException(
                    Reason.WorkersDied,
                    $"{claim.Mailbox}: each of {claim.Attempt - 1} workers that ran it stopped sending heartbeats."
                );
            var own = context.ForRun(spool.Path);
            RequestCount.Begin();
            var execute = await JobRun.PrepareAsync(run.Mailbox.Job, own, archives.OpenAsync, run.Stopping);
            report = await execute(run.Progress);
            verdict = RunResolution.Of(report, run.Reason, claim.Attempt, run.Job.Policy);
        }
        // The edge of a run: whatever happens to one mailbox, the others continue.
        catch (Exception exception)
        {
            verdict = RunResolution.Of(exception, run.Reason, claim.Attempt, run.Job.Policy, run.Mailbox.Job.Purpose);
            if (verdict.Fault)
                log.RunFault(exception, claim.Run, claim.Job, claim.Mailbox);
        }
        if (verdict is { IsPause: true, Failure: { } paused })
            verdict = verdict with { Failure = await DescribeAsync(paused, verdict.Wait, run, report) };
        var counts = report?.Total ?? default;
        if (verdict.Failure is { } failure)
            log.RunFailed(claim.Run, claim.Job, claim.Mailbox, verdict.State, failure.Code, failure.Detail);
        else
            log.RunEnded(claim.Run, claim.Job, claim.Mailbox, verdict.State, counts.Delivered, counts.Found, counts.Failed);
        try
        {
            await SayAsync(
                new RunEnd(
                    claim.Run,
                    claim.FencingToken,
                    verdict.State,
                    counts,
                    verdict.Failure,
                    report is null ? null : ReportJson.Line(report),
                    verdict.Wait,
                    verdict.Spent
                )
            );
        }
        finally
        {
            // Else its lease would be renewed for ever.
            _active.TryRemove(claim.Run, out _);
            var (messages, bytes) = run.TakeMoved();
            Interlocked.Add(ref _messages, messages);
            Interlocked.Add(ref _bytes, bytes);
            run.Dispose();
            _room.Release();
        }
    }

    /// <summary>A pause as the dashboard shows it.</summary>
    private async Task<Failure> DescribeAsync(Failure paused, TimeSpan wait, ActiveRun run, RunReport? report)
    {
        DateTimeOffset? end = null;
        try
        {
            if (report is not null && paused.Code == Reason.DailyLimit.Code)
                end = await LimitForecast.OfAsync(run.Mailbox.Job, report, context.Sessions, CancellationToken.None);
        }
        catch (CheckpointException)
        {
            // Without a forecast then: the next run says what is wrong with the store.
        }
        return paused with { Detail = $"{paused.Detail} {RunPause.Words(paused, Time.GetUtcNow() + wait, end, Time)}" };
    }

    /// <summary>As long as the lease may still be ours: after that, the worker that took the run over says what became of it.</summary>
    private async Task SayAsync(RunEnd end)
    {
        var began = Time.GetTimestamp();
        while (!await GuardAsync(() => queue.EndAsync(end, CancellationToken.None)) && Time.GetElapsedTime(began) < Lease)
            await Task.Delay(s_heartbeat, Time);
    }

    private async Task HeartbeatAsync(CancellationToken ended)
    {
        using var ticker = new Ticker(s_heartbeat, Time);
        var heard = Time.GetTimestamp();
        do
        {
            var before = Time.GetTimestamp();
            if (await GuardAsync(() => HeartbeatOnceAsync()))
                heard = before;
            else if (Time.GetElapsedTime(heard) >= Lease)
                StopWhere(_ => StopReason.Lost);
        } while (await ticker.NextAsync(ended));
    }

    private async Task HeartbeatOnceAsync()
    {
        var runs = Active;
        var (messages, bytes) = (Interlocked.Exchange(ref _messages, 0), Interlocked.Exchange(ref _bytes, 0));
        foreach (var moved in runs.Select(run => run.TakeMoved()))
            (messages, bytes) = (messages + moved.Messages, bytes + moved.Bytes);
        List<(ActiveRun Run, RunProgressSnapshot Progress)> reached = [.. runs.Select(run => (run, run.SnapshotProgress()))];
        ReportStalled(reached);
        var answer = await Heartbeat.ObserveAsync(
            queue.HeartbeatAsync(
                new WorkerHeartbeat(
                    identity.Name,
                    identity.Machine,
                    [.. reached.Select(run => new RunHeartbeat(run.Run.Claim.Run, run.Run.Claim.FencingToken, run.Progress))],
                    messages,
                    bytes,
                    Lease
                ),
                CancellationToken.None
            )
        );
        context.Sessions.Pacers.Workers = answer.Workers;
        var asked = answer.Stop.ToDictionary(stop => stop.Run, stop => stop.Cause);
        var now = jobs().ToDictionary(job => job.Name);
        StopWhere(run =>
            answer.Lost.Contains(run.Claim.Run) ? StopReason.Lost
            : asked.TryGetValue(run.Claim.Run, out var cause)
                ? cause == StopCause.Cancelled ? StopReason.Cancelled
                    : StopReason.Paused
            : !isOpen(now.GetValueOrDefault(run.Claim.Job, run.Job)) ? StopReason.Window
            : StopReason.None
        );
    }

    /// <summary>Once for each time that a run stops making progress.</summary>
    private void ReportStalled(IEnumerable<(ActiveRun Run, RunProgressSnapshot Progress)> runs)
    {
        foreach (var (run, progress) in runs)
        {
            if (progress.StalledFor is { } seconds && !run.StallReported)
                log.RunStalled(run.Claim.Run, run.Claim.Job, run.Claim.Mailbox, progress.Phase, (long)seconds / 60);
            run.StallReported = progress.StalledFor is not null;
        }
    }

    private void StopWhere(Func<ActiveRun, StopReason> reason)
    {
        foreach (var run in _active.Values)
        {
            if (reason(run) is var why and not StopReason.None && why > run.Reason)
            {
                log.RunStops(run.Claim.Run, run.Claim.Job, run.Claim.Mailbox, why);
                run.Stop(why);
            }
        }
    }

    private async Task StopAllAsync()
    {
        if (_active.IsEmpty)
            return;
        log.GoingDown(_active.Count);
        StopWhere(_ => StopReason.Shutdown);
        await Task.WhenAny(Task.WhenAll(_tasks.Keys), Task.Delay(s_grace, Time));
        if (!_active.IsEmpty)
            log.NotSafe(_active.Count);
    }

    /// <returns>False where the store failed: that passes, or an administrator sees to it, and mail is not touched by it.</returns>
    private async Task<bool> GuardAsync(Func<Task> call)
    {
        try
        {
            await call();
            return true;
        }
        catch (JobRunStoreException exception)
        {
            log.StoreFails(exception.Message);
            return false;
        }
    }
}
