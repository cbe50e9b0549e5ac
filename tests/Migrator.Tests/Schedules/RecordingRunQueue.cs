using System.Collections.Concurrent;
using System.Threading.Channels;
using Migrator.Core.JobRuns;

namespace Migrator.Tests.Schedules;

/// <summary>Records which job runs were to be started; knows those that were, and which jobs are paused.</summary>
internal sealed class RecordingRunQueue : IRunQueue
{
    private readonly Channel<JobRunPlan> _plans = Channel.CreateUnbounded<JobRunPlan>();
    private readonly ConcurrentDictionary<(string Job, DateTimeOffset? ScheduledFor), long> _jobRuns = [];

    public ConcurrentDictionary<string, bool> Paused { get; } = [];

    /// <summary>Mailboxes whose earlier run is not over.</summary>
    public IReadOnlyList<string> StillRunning { get; set; } = [];

    /// <summary>How often it is yet to fail.</summary>
    public int Failures { get; set; }

    /// <summary>Nothing is answered until the caller gives up.</summary>
    public bool Hangs { get; set; }

    /// <summary>What happens before a start is recorded.</summary>
    public Func<Task>? Before { get; set; }

    /// <summary>The next that was to be started, whether it was or not.</summary>
    public async Task<JobRunPlan> NextAsync(CancellationToken cancellationToken) => await _plans.Reader.ReadAsync(cancellationToken);

    public bool IsQuiet => !_plans.Reader.TryPeek(out _);

    public async Task<JobRunStarted> StartAsync(JobRunPlan plan, CancellationToken cancellationToken)
    {
        if (Before is { } before)
            await before();
        if (Failures > 0)
        {
            Failures--;
            throw new JobRunStoreException("the database is gone.");
        }
        _plans.Writer.TryWrite(plan);
        if (Hangs)
            await Task.Delay(Timeout.Infinite, cancellationToken);
        var runs = plan.Runs.Where(run => !StillRunning.Contains(run.Mailbox)).ToList();
        var began = runs.Count > 0 && _jobRuns.TryAdd((plan.Job, plan.ScheduledFor), _jobRuns.Count + 1);
        return new JobRunStarted(
            began ? _jobRuns[(plan.Job, plan.ScheduledFor)] : null,
            began ? runs.Count : 0,
            [.. plan.Runs.Select(run => run.Mailbox).Except(runs.Select(run => run.Mailbox))]
        );
    }

    public Task<IReadOnlySet<string>> PausedAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlySet<string>>(Paused.Where(job => job.Value).Select(job => job.Key).ToHashSet());

    public Task LeaveAsync(string worker, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task PauseAsync(string job, bool paused, CancellationToken cancellationToken)
    {
        Paused[job] = paused;
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<ClaimedMailboxRun>> ClaimAsync(ClaimRequest request, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<HeartbeatResponse> HeartbeatAsync(WorkerHeartbeat heartbeat, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<bool> EndAsync(RunEnd end, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<int> CancelAsync(string job, string? mailbox, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<int> ForgetAsync(string job, IReadOnlyCollection<string> mailboxes, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task WithdrawAsync(long jobRun, CancellationToken cancellationToken) => throw new NotSupportedException();
}
