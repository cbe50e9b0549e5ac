using Microsoft.Extensions.Logging;
using Migrator.App.Health;
using Migrator.App.Jobs;
using Migrator.Core.JobRuns;

namespace Migrator.Service.Dashboard.Feed;

/// <summary>Reads the store for all pages that are open, once every <see cref="Every"/>, and not at all while nobody looks.</summary>
public sealed partial class DashboardFeed : IDisposable
{
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _reading = new(1, 1);
    private readonly List<Action> _watchers = [];
    private readonly IRunHistory _history;
    private readonly IRunQueue _queue;
    private readonly JobCatalogue _catalogue;
    private readonly ScheduleLook _schedule;
    private readonly TimeProvider _time;
    private readonly ILogger<DashboardFeed> _log;
    private readonly RestoreProofs _proofs;
    private readonly ITimer _timer;
    private volatile DashboardSnapshot? _latest;
    private long _readAt;

    public DashboardFeed(
        IRunHistory history,
        IRunQueue queue,
        JobCatalogue catalogue,
        ScheduleLook schedule,
        TimeProvider time,
        ILogger<DashboardFeed> log
    )
    {
        (_history, _queue, _catalogue, _schedule, _time, _log, _proofs) = (
            history,
            queue,
            catalogue,
            schedule,
            time,
            log,
            new RestoreProofs(history)
        );
        _timer = time.CreateTimer(_ => _ = TickAsync(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Null before the first reading.</summary>
    public DashboardSnapshot? Latest => _latest;

    /// <summary>Why the last reading failed; null where it did not. <see cref="Latest"/> is then as old as it says.</summary>
    public string? Trouble { get; private set; }

    /// <summary>Calls back after each reading, on any thread, until disposed of.</summary>
    public IDisposable Watch(Action changed)
    {
        lock (_gate)
        {
            _watchers.Add(changed);
            if (_watchers.Count == 1)
                _timer.Change(TimeSpan.Zero, Every);
        }
        return new Watching(this, changed);
    }

    /// <summary>What is there, not older than a reading or two.</summary>
    public async Task<DashboardSnapshot?> CurrentAsync(CancellationToken cancellationToken)
    {
        if (_latest is null || _time.GetElapsedTime(Interlocked.Read(ref _readAt)) > Every)
            await RefreshAsync(cancellationToken);
        return _latest;
    }

    /// <summary>Reads at once: after an action, its effect should be seen.</summary>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        await _reading.WaitAsync(cancellationToken);
        await ReadAsync(cancellationToken);
    }

    public void Dispose() => _timer.Dispose();

    private async Task TickAsync()
    {
        // A store that is slower than the timer is not asked again meanwhile.
        if (await _reading.WaitAsync(TimeSpan.Zero))
            await ReadAsync(CancellationToken.None);
    }

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            _latest = await DashboardSnapshot.ReadAsync(_history, _queue, _catalogue, _schedule, _proofs, cancellationToken);
            Interlocked.Exchange(ref _readAt, _time.GetTimestamp());
            Trouble = null;
        }
        catch (JobRunStoreException exception)
        {
            Trouble = exception.Message;
            LogUnreadable(exception.Message);
        }
        finally
        {
            _reading.Release();
        }
        Action[] watchers;
        lock (_gate)
            watchers = [.. _watchers];
        foreach (var watcher in watchers)
            watcher();
    }

    private void Leave(Action changed)
    {
        lock (_gate)
        {
            _watchers.Remove(changed);
            if (_watchers.Count == 0)
                _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    [LoggerMessage(7001, LogLevel.Warning, "The dashboard cannot read the store: {Reason}")]
    private partial void LogUnreadable(string reason);

    private sealed class Watching(DashboardFeed feed, Action changed) : IDisposable
    {
        private int _left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _left, 1) == 0)
                feed.Leave(changed);
        }
    }
}
