using Migrator.Core.JobRuns;
using Migrator.Core.Migrations;

namespace Migrator.Tests.Telemetry;

/// <summary>A job run store that says what a test wants it to say.</summary>
internal sealed class FixedJobRuns : IRunQueue, IRunHistory
{
    public DateTimeOffset Now { get; set; } = new(2026, 3, 4, 12, 0, 0, TimeSpan.Zero);

    public List<MailboxStatus> Mailboxes { get; } = [];

    public List<MailboxStatus> History { get; } = [];

    /// <summary>By the number of the run.</summary>
    public Dictionary<long, string> Reports { get; } = [];

    public List<WorkerStatus> Workers { get; } = [];

    public HashSet<string> Paused { get; } = [];

    /// <summary>What every call fails with; null to answer.</summary>
    public JobRunStoreException? Broken { get; set; }

    public JobRunStarted Started { get; set; } = new(7, 3, []);

    public Task<DateTimeOffset> NowAsync(CancellationToken cancellationToken) => Say(Now);

    public Task<IReadOnlyList<MailboxStatus>> MailboxesAsync(string? job, CancellationToken cancellationToken) =>
        Say<IReadOnlyList<MailboxStatus>>([.. Mailboxes.Where(mailbox => job is null || mailbox.Job == job)]);

    public Task<IReadOnlyList<MailboxStatus>> HistoryAsync(HistoryQuery query, CancellationToken cancellationToken) =>
        Say<IReadOnlyList<MailboxStatus>>([
            .. History.Where(run => run.Job == query.Job && run.Mailbox == query.Mailbox).Take(query.Limit),
        ]);

    public Task<IReadOnlyList<WorkerStatus>> WorkersAsync(CancellationToken cancellationToken) =>
        Say<IReadOnlyList<WorkerStatus>>([.. Workers]);

    public Task WithdrawAsync(long jobRun, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlySet<string>> PausedAsync(CancellationToken cancellationToken) => Say<IReadOnlySet<string>>(Paused.ToHashSet());

    public Task<JobRunStarted> StartAsync(JobRunPlan plan, CancellationToken cancellationToken) => Say(Started);

    public Task<IReadOnlyList<ClaimedMailboxRun>> ClaimAsync(ClaimRequest request, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<HeartbeatResponse> HeartbeatAsync(WorkerHeartbeat heartbeat, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<bool> EndAsync(RunEnd end, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task LeaveAsync(string worker, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task PauseAsync(string job, bool paused, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<int> CancelAsync(string job, string? mailbox, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<int> ForgetAsync(string job, IReadOnlyCollection<string> mailboxes, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<MailboxStatus?> FindAsync(long run, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<string?> ReportAsync(long run, CancellationToken cancellationToken) => Say(Reports.GetValueOrDefault(run));

    public Task<IReadOnlyList<JobRunStatus>> JobRunsAsync(string? job, int limit, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<IReadOnlyList<MailboxStatus>> RunsOfAsync(long jobRun, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<IReadOnlyList<Throughput>> ThroughputAsync(DateTimeOffset since, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task PurgeAsync(DateTimeOffset before, CancellationToken cancellationToken) => throw new NotSupportedException();

    private Task<T> Say<T>(T answer) => Broken is { } broken ? Task.FromException<T>(broken) : Task.FromResult(answer);
}
