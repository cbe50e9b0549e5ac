using System.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Migrator.App.Health;
using Migrator.App.Jobs;
using Migrator.Core.JobRuns;
using Migrator.Core.Telemetry;

namespace Migrator.Service.Telemetry;

/// <summary>What the run database knows, as gauges: it is asked each 15 s, however often somebody collects.</summary>
public sealed class JobRunMetrics : BackgroundService
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(15);

    private readonly IRunHistory _history;
    private readonly JobCatalogue _catalogue;
    private readonly TimeProvider _time;
    private readonly ILogger<JobRunMetrics> _log;
    private readonly RestoreProofs _proofs;
    private readonly SemaphoreSlim _refreshing = new(1, 1);
    private volatile JobRunMetricsSnapshot _now = new([], null, default);

    public JobRunMetrics(IRunHistory history, JobCatalogue catalogue, IMeterFactory meters, TimeProvider time, ILogger<JobRunMetrics> log)
    {
        (_history, _catalogue, _time, _log, _proofs) = (history, catalogue, time, log, new RestoreProofs(history));
        var meter = meters.Create(RunMetrics.MeterName);
        Gauge("migrator.mailbox.runs.waiting", "{run}", "Runs that wait, for a worker or for their next attempt.", job => job.Waiting);
        Gauge("migrator.mailbox.runs.running", "{run}", "Runs in progress on all workers.", job => job.Running);
        Gauge(
            "migrator.mailbox.runs.waiting.age",
            "s",
            "How long the run that has waited longest has been due; 0 where none waits.",
            job => job.OldestWaiting.TotalSeconds
        );
        Gauge(
            "migrator.job.lag",
            "s",
            "Time since the last success of the mailbox that has been without one for longest.",
            job => job.Lag?.TotalSeconds
        );
        Gauge("migrator.mailboxes", "{mailbox}", "Mailboxes that the job names.", job => job.Mailboxes);
        Gauge(
            "migrator.mailboxes.incomplete",
            "{mailbox}",
            "Mailboxes whose last run that is over was not complete.",
            job => job.Incomplete
        );
        Gauge(
            "migrator.restore.proof.age",
            "s",
            "Time since the last proof of the mailbox that was proved restorable longest ago.",
            job => job.ProofAge(_now.At)?.TotalSeconds
        );
        Gauge("migrator.mailboxes.unproved", "{mailbox}", "Mailboxes that were never proved restorable.", job => job.Unproved);
        Gauge(
            "migrator.mailboxes.frozen",
            "{mailbox}",
            "Mailboxes whose snapshots prune keeps, because they have lost far more messages than usual.",
            job => job.Frozen
        );
        meter.CreateObservableGauge(
            "migrator.workers.alive",
            () => _now.Workers is { } workers ? [new Measurement<int>(workers)] : Array.Empty<Measurement<int>>(),
            "{worker}",
            "Workers that sent a heartbeat within the last minute."
        );

        void Gauge(string name, string unit, string description, Func<JobMetricsSnapshot, double?> value) =>
            meter.CreateObservableGauge(
                name,
                () =>
                    _now
                        .Jobs.Where(job => value(job) is not null)
                        .Select(job => new Measurement<double>(
                            value(job)!.Value,
                            new KeyValuePair<string, object?>(RunMetrics.Job, job.Job)
                        )),
                unit,
                description
            );
    }

    /// <summary>Asks the store now.</summary>
    /// <exception cref="JobRunStoreException">It does not answer.</exception>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        // One at a time: the slower of two would put older figures in the place of newer ones.
        await _refreshing.WaitAsync(cancellationToken);
        try
        {
            _now = await ReadAsync(cancellationToken);
        }
        finally
        {
            _refreshing.Release();
        }
    }

    public override void Dispose()
    {
        _refreshing.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_interval, _time);
        try
        {
            do
            {
                try
                {
                    await RefreshAsync(stoppingToken);
                }
                catch (JobRunStoreException exception)
                {
                    // Figures of yesterday would look like a worker that stands still: none is better.
                    _now = new JobRunMetricsSnapshot([], null, default);
                    _log.NoFigures(exception.Message);
                }
            } while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host ends.
        }
    }

    private async Task<JobRunMetricsSnapshot> ReadAsync(CancellationToken cancellationToken)
    {
        var now = await _history.NowAsync(cancellationToken);
        var statuses = (await _history.MailboxesAsync(null, cancellationToken)).ToLookup(status => status.Job);
        var workers = await _history.WorkersAsync(cancellationToken);
        // A job that is gone is seen no more.
        var jobs = _catalogue.Jobs;
        var proofs = await _proofs.ReadAsync(jobs, statuses, cancellationToken);
        return new JobRunMetricsSnapshot(
            [.. jobs.Select(job => JobMetricsSnapshot.Of(job, [.. statuses[job.Name]], proofs.GetValueOrDefault(job.Name), now))],
            workers.Count(worker => worker.Alive),
            now
        );
    }

    private sealed record JobRunMetricsSnapshot(IReadOnlyList<JobMetricsSnapshot> Jobs, int? Workers, DateTimeOffset At);
}
