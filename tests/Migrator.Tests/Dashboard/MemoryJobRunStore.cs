using System.Collections.Concurrent;
using Migrator.Core.JobRuns;
using Migrator.Core.Migrations;
using Migrator.Core.Telemetry;

namespace Migrator.Tests.Dashboard;

/// <summary>Holds what a test puts there, and writes down what the page asked for.</summary>
internal sealed class MemoryJobRunStore(TimeProvider time) : IRunQueue, IRunHistory
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Job, string Mailbox), MailboxStatus> _mailboxes = [];
    private readonly HashSet<string> _paused = [];
    private readonly Dictionary<long, string> _reports = [];

    public List<JobRunStatus> JobRuns { get; } = [];

    public List<MailboxStatus> Past { get; } = [];

    public List<WorkerStatus> Workers { get; } = [];

    public List<Throughput> Moved { get; } = [];

    /// <summary>What was asked, in order: "start job a,b", "cancel job mailbox", "pause job".</summary>
    public ConcurrentQueue<string> Asked { get; } = [];

    /// <summary>Readings of all mailboxes.</summary>
    public int Readings;

    /// <summary>What every reading fails with; null while none does.</summary>
    public string? Broken { get; set; }

    public void Put(MailboxStatus status)
    {
        lock (_gate)
            _mailboxes[(status.Job, status.Mailbox)] = status;
    }

    public void PutReport(long run, string json)
    {
        lock (_gate)
            _reports[run] = json;
    }

    public Task<DateTimeOffset> NowAsync(CancellationToken cancellationToken) =>
        Broken is null ? Task.FromResult(time.GetUtcNow()) : throw new JobRunStoreException(Broken);

    public Task<JobRunStarted> StartAsync(JobRunPlan plan, CancellationToken cancellationToken)
    {
        Asked.Enqueue($"start {plan.Job} {string.Join(',', plan.Runs.Select(run => run.Mailbox))}");
        var now = time.GetUtcNow();
        lock (_gate)
        {
            var left = plan
                .Runs.Where(run => _mailboxes.TryGetValue((plan.Job, run.Mailbox), out var old) && !old.State.IsOver())
                .Select(run => run.Mailbox)
                .ToList();
            var taken = plan.Runs.Where(run => !left.Contains(run.Mailbox)).ToList();
            foreach (var run in taken)
            {
                var good = _mailboxes.GetValueOrDefault((plan.Job, run.Mailbox))?.LastSuccess;
                _mailboxes[(plan.Job, run.Mailbox)] = new MailboxStatus(
                    plan.Job,
                    run.Mailbox,
                    run.Source,
                    run.Target,
                    9000 + _mailboxes.Count,
                    900,
                    MailboxRunState.Waiting,
                    0,
                    now,
                    now,
                    null,
                    null,
                    null,
                    null,
                    null,
                    default,
                    null,
                    good,
                    false
                );
            }
            return Task.FromResult(new JobRunStarted(taken.Count == 0 ? null : 900, taken.Count, left));
        }
    }

    public Task LeaveAsync(string worker, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task PauseAsync(string job, bool paused, CancellationToken cancellationToken)
    {
        Asked.Enqueue($"{(paused ? "pause" : "resume")} {job}");
        lock (_gate)
            _ = paused ? _paused.Add(job) : _paused.Remove(job);
        return Task.CompletedTask;
    }

    public Task<int> CancelAsync(string job, string? mailbox, CancellationToken cancellationToken)
    {
        Asked.Enqueue($"cancel {job} {mailbox ?? "*"}");
        lock (_gate)
        {
            var ended = _mailboxes
                .Values.Where(status => status.Job == job && (mailbox is null || status.Mailbox == mailbox) && !status.State.IsOver())
                .ToList();
            foreach (var status in ended)
                _mailboxes[(job, status.Mailbox)] = status with { State = MailboxRunState.Cancelled, Finished = time.GetUtcNow() };
            return Task.FromResult(ended.Count);
        }
    }

    public Task<int> ForgetAsync(string job, IReadOnlyCollection<string> mailboxes, CancellationToken cancellationToken)
    {
        Asked.Enqueue($"forget {job} {string.Join(',', mailboxes)}");
        lock (_gate)
            return Task.FromResult(mailboxes.Count(mailbox => _mailboxes.Remove((job, mailbox))));
    }

    public Task WithdrawAsync(long jobRun, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlySet<string>> PausedAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
            return Task.FromResult<IReadOnlySet<string>>(_paused.ToHashSet());
    }

    public Task<IReadOnlyList<MailboxStatus>> MailboxesAsync(string? job, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref Readings);
        lock (_gate)
            return Task.FromResult<IReadOnlyList<MailboxStatus>>([.. _mailboxes.Values.Where(status => job is null || status.Job == job)]);
    }

    public Task<IReadOnlyList<MailboxStatus>> HistoryAsync(HistoryQuery query, CancellationToken cancellationToken)
    {
        lock (_gate)
            return Task.FromResult<IReadOnlyList<MailboxStatus>>([
                .. Past.Concat(_mailboxes.Values.Where(status => status.State.IsOver()))
                    .Where(status =>
                        (query.Job is null || status.Job == query.Job) && (query.Mailbox is null || status.Mailbox == query.Mailbox)
                    )
                    .OrderByDescending(status => status.Finished)
                    .Take(query.Limit),
            ]);
    }

    public Task<MailboxStatus?> FindAsync(long run, CancellationToken cancellationToken)
    {
        lock (_gate)
            return Task.FromResult(Past.Concat(_mailboxes.Values).FirstOrDefault(status => status.Run == run));
    }

    public Task<string?> ReportAsync(long run, CancellationToken cancellationToken)
    {
        lock (_gate)
            return Task.FromResult(_reports.GetValueOrDefault(run));
    }

    public Task<IReadOnlyList<JobRunStatus>> JobRunsAsync(string? job, int limit, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<JobRunStatus>>([
            .. JobRuns.Where(jobRun => job is null || jobRun.Job == job).OrderByDescending(jobRun => jobRun.Started).Take(limit),
        ]);

    public Task<IReadOnlyList<MailboxStatus>> RunsOfAsync(long jobRun, CancellationToken cancellationToken)
    {
        lock (_gate)
            return Task.FromResult<IReadOnlyList<MailboxStatus>>([
                .. _mailboxes.Values.Concat(Past).Where(status => status.JobRun == jobRun),
            ]);
    }

    public Task<IReadOnlyList<WorkerStatus>> WorkersAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<WorkerStatus>>([.. Workers]);

    public Task<IReadOnlyList<Throughput>> ThroughputAsync(DateTimeOffset since, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<Throughput>>([.. Moved.Where(step => step.At >= since)]);

    public Task<IReadOnlyList<ClaimedMailboxRun>> ClaimAsync(ClaimRequest request, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<HeartbeatResponse> HeartbeatAsync(WorkerHeartbeat heartbeat, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<bool> EndAsync(RunEnd end, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task PurgeAsync(DateTimeOffset before, CancellationToken cancellationToken) => throw new NotSupportedException();
}
