using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Migrator.Core.Telemetry;

/// <summary>What the engine moves, in figures (docs/metrics.md). Messages and octets are read off the counters that runs keep anyway
/// when somebody collects: nothing is added to the way of a message.</summary>
public static class RunMetrics
{
    /// <summary>Of the <see cref="Meter"/>, to listen to.</summary>
    public const string MeterName = "Migrator";

    /// <summary>The attribute that names a job, as on spans. Not "job" alone: that is the label by which Prometheus names what it
    /// scrapes.</summary>
    public const string Job = "migrator.job";

    private static readonly Meter s_meter = new(MeterName, typeof(RunMetrics).Assembly.GetName().Version?.ToString(3));
    private static readonly Lock s_lock = new();
    private static readonly HashSet<RunInstrumentation> s_running = [];
    private static readonly Dictionary<RunSeries, Moved> s_read = [],
        s_written = [];

    private static readonly Counter<long> s_failed = s_meter.CreateCounter<long>(
        "migrator.messages.failed",
        "{message}",
        "Messages that a run could not deliver to the target, by reason."
    );
    private static readonly Counter<long> s_folders = s_meter.CreateCounter<long>(
        "migrator.folders.failed",
        "{folder}",
        "Folders that a run gave up, by reason."
    );
    private static readonly Counter<long> s_runs = s_meter.CreateCounter<long>(
        "migrator.mailbox.runs.failed",
        "{run}",
        "Runs that failed before their end, by reason."
    );
    private static readonly Counter<long> s_backoffs = s_meter.CreateCounter<long>(
        "migrator.server.backoffs",
        "{backoff}",
        "Pauses before a server was tried again, by reason."
    );
    private static readonly Counter<long> s_jobRuns = s_meter.CreateCounter<long>(
        "migrator.job.runs.started",
        "{run}",
        "Job runs that were started, by trigger."
    );

    private static readonly Histogram<double> s_duration = s_meter.CreateHistogram(
        "migrator.mailbox.run.duration",
        "s",
        "How long runs took, by outcome.",
        advice: new InstrumentAdvice<double>
        {
            HistogramBucketBoundaries = [0.1, 0.5, 1, 5, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 14400, 28800, 86400],
        }
    );

    static RunMetrics()
    {
        s_meter.CreateObservableCounter(
            "migrator.messages.captured",
            () => Observe(written: false, moved => moved.Messages),
            "{message}",
            "Messages read from sources."
        );
        s_meter.CreateObservableCounter(
            "migrator.messages.delivered",
            () => Observe(written: true, moved => moved.Messages),
            "{message}",
            "Messages that targets accepted and that are recorded."
        );
        s_meter.CreateObservableCounter(
            "migrator.mail.read",
            () => Observe(written: false, moved => moved.Bytes),
            "By",
            "Bytes of messages read from sources."
        );
        s_meter.CreateObservableCounter(
            "migrator.mail.written",
            () => Observe(written: true, moved => moved.Bytes),
            "By",
            "Bytes of messages that targets accepted."
        );
    }

    internal static void JobRunStarted(string job, string cause) => s_jobRuns.Add(1, new(Job, job), new("kind", cause));

    internal static void Failed(RunInstrumentation run, string reason, long messages) => s_failed.Add(messages, Tags(run, reason));

    internal static void FolderFailed(RunInstrumentation run, string reason) => s_folders.Add(1, Tags(run, reason));

    internal static void BackedOff(RunInstrumentation run, string reason) => s_backoffs.Add(1, Tags(run, reason));

    internal static void Began(RunInstrumentation run)
    {
        lock (s_lock)
            s_running.Add(run);
    }

    internal static void Ended(RunInstrumentation run, TimeSpan duration, string outcome, string? reason)
    {
        lock (s_lock)
        {
            s_running.Remove(run);
            Add(s_read, run.From, run.Read);
            Add(s_written, run.To, run.Written);
        }
        s_duration.Record(duration.TotalSeconds, new(Job, run.From.Job), new("kind", run.From.Kind), new("outcome", outcome));
        if (reason is not null)
            s_runs.Add(1, Tags(run, reason));
    }

    private static TagList Tags(RunInstrumentation run, string reason) =>
        new([new(Job, run.From.Job), new("kind", run.From.Kind), new("reason", reason)]);

    private static List<Measurement<long>> Observe(bool written, Func<Moved, long> what)
    {
        Dictionary<RunSeries, Moved> totals;
        lock (s_lock)
        {
            totals = new(written ? s_written : s_read);
            foreach (var run in s_running)
                Add(totals, written ? run.To : run.From, written ? run.Written : run.Read);
        }
        return
        [
            .. totals.Select(total => new Measurement<long>(
                what(total.Value),
                new(Job, total.Key.Job),
                new("kind", total.Key.Kind),
                new("host", total.Key.Host)
            )),
        ];
    }

    private static void Add(Dictionary<RunSeries, Moved> totals, RunSeries series, Moved moved)
    {
        var before = totals.GetValueOrDefault(series);
        totals[series] = new Moved(before.Messages + moved.Messages, before.Bytes + moved.Bytes);
    }
}
