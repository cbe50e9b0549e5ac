using Microsoft.Extensions.Logging;
using Migrator.Core.Checkpoints;
using Migrator.Core.Failures;
using Migrator.Core.Mail;
using Migrator.Core.Progress;
using Migrator.Core.Telemetry;

namespace Migrator.Core.Migrations;

/// <summary>Works through a queue with several pairs of sessions at once. A lane does one piece of work at a time, so
/// that the messages of a folder stay in order; a lost connection is opened again and the piece is taken up anew.</summary>
internal sealed class Lanes(Func<LaneSessions> open, TimeProvider time, RunProgress progress, ILogger log)
{
    private readonly Retries _retries = new(time, progress, log);

    /// <param name="first">Sessions that are open already; the other lanes open their own.</param>
    /// <param name="count">Lanes, 1 or more. A server that does not allow so many connections gets fewer.</param>
    /// <param name="attempt">Does one piece of work and may be called again with fresh sessions after a lost
    /// connection; says whether it made headway since its last call by <see cref="IWork.Headway"/>.</param>
    /// <param name="cancellationToken">Stops all lanes.</param>
    /// <param name="keepFirst">The first sessions are wanted afterwards.</param>
    public async Task RunAsync<T>(LaneSessions first, int count, IReadOnlyCollection<T> queue, Func<T, LaneSessions, CancellationToken, Task> attempt, CancellationToken cancellationToken, bool keepFirst = false)
        where T : IWork
    {
        var work = new LaneQueue<T>(queue, Math.Clamp(queue.Count, 1, count));
        using var failed = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var lanes = Enumerable.Range(0, Math.Clamp(queue.Count, 1, count))
            .Select(lane => Task.Run(() => LaneAsync(lane == 0 ? first : open(), lane, work, attempt, lane == 0 && keepFirst, failed), CancellationToken.None))
            .ToList();
        // The first failure stops the other lanes, and is the one that counts: what follows from it is cancellation.
        await foreach (var lane in Task.WhenEach(lanes).ConfigureAwait(false))
        {
            if (!lane.IsCompletedSuccessfully)
                await failed.CancelAsync().ConfigureAwait(false);
        }
        var fault = lanes.Find(lane => lane.IsFaulted);
        await (fault ?? Task.WhenAll(lanes)).ConfigureAwait(false);
    }

    private async Task LaneAsync<T>(LaneSessions sessions, int lane, LaneQueue<T> queue, Func<T, LaneSessions, CancellationToken, Task> attempt, bool keep, CancellationTokenSource stop)
        where T : IWork
    {
        try
        {
            if (lane > 0 && !await CanOpenAsync(sessions, lane, stop.Token).ConfigureAwait(false) && queue.TryLeave())
                return;
            while (!stop.IsCancellationRequested && await queue.TakeAsync(stop.Token).ConfigureAwait(false) is (true, var item))
            {
                try
                {
                    await RetryAsync(item, sessions, attempt, stop.Token).ConfigureAwait(false);
                    queue.Done();
                }
                catch (MailException exception) when (!sessions.IsOpen && Retries.MayPass(exception, sessions) && queue.TryLeave(item))
                {
                    log.FewerLanes(lane, exception.Message);
                    progress.Notice($"A connection that was lost could not be opened again; the other connections continue. ({exception.Message})");
                    return;
                }
            }
            stop.Token.ThrowIfCancellationRequested();
        }
        finally
        {
            if (!keep)
                await sessions.CloseAsync().ConfigureAwait(false);
        }
    }

    private async Task<bool> CanOpenAsync(LaneSessions sessions, int lane, CancellationToken cancellationToken)
    {
        try
        {
            await sessions.EnsureOpenAsync(cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (MailException exception)
        {
            log.FewerLanes(lane, exception.Message);
            progress.Notice($"A server did not allow connection {lane + 1}; going on with {lane} or fewer. ({exception.Message})");
            return false;
        }
    }

    private async Task RetryAsync<T>(T item, LaneSessions sessions, Func<T, LaneSessions, CancellationToken, Task> attempt, CancellationToken cancellationToken)
        where T : IWork
    {
        for (var (tries, headway) = (0, item.Headway); ;)
        {
            try
            {
                await sessions.EnsureOpenAsync(cancellationToken).ConfigureAwait(false);
                await attempt(item, sessions, cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (MailException exception) when (Retries.MayPass(exception, sessions))
            {
                await sessions.CloseAsync().ConfigureAwait(false);
                (tries, headway) = item.Headway == headway ? (tries + 1, headway) : (1, item.Headway);
                if (tries >= Retries.Most)
                {
                    if (!await CanGoOnAsync(sessions, cancellationToken).ConfigureAwait(false) || !item.GiveUp(exception))
                        throw;
                    tries = 0;
                    continue;
                }
                await _retries.WaitAsync(exception, tries, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Whether both servers still let us in: then it is the piece of work that ends the connection.</summary>
    private static async Task<bool> CanGoOnAsync(LaneSessions sessions, CancellationToken cancellationToken)
    {
        try
        {
            await sessions.EnsureOpenAsync(cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (MailException)
        {
            return false;
        }
    }
}

/// <summary>A piece of work that can be taken up again.</summary>
internal interface IWork
{
    /// <summary>Changes whenever something durable was achieved.</summary>
    long Headway { get; }

    /// <summary>It has ended the connection again and again, and the servers are there.</summary>
    /// <returns>Whether what is to blame is left out from now on, so that the rest can be tried; false where the run cannot go on
    /// without it. Asked to do the work again, it does what is left.</returns>
    bool GiveUp(MailException loss) => false;
}

/// <summary>The sessions of a lane, opened when first wanted.</summary>
/// <param name="openTarget">Null where there is only a source.</param>
internal sealed class LaneSessions(Func<CancellationToken, Task<IMailSource>> openSource, Func<CancellationToken, Task<IMailTarget>>? openTarget) : IAsyncDisposable
{
    private IMailSource? _source;
    private IMailTarget? _target;
    private (FolderPath Folder, FolderState State)? _open;

    public LaneSessions(MailboxEnds ends, IUidBook book, IHold hold)
        : this(stop => ends.OpenSource(book, stop), stop => ends.OpenTarget(hold, stop))
    {
    }

    public IMailSource Source => _source ?? throw new InvalidOperationException("The source session is not open.");

    public IMailTarget Target => _target ?? throw new InvalidOperationException("The target session is not open.");

    /// <summary>All ends are reached, as far as is known.</summary>
    public bool IsOpen => _source is not null && (openTarget is null || _target is not null);

    /// <summary>All ends were reached at some time.</summary>
    public bool WasOpen { get; private set; }

    public async Task EnsureOpenAsync(CancellationToken cancellationToken)
    {
        _source ??= await RunActivities.OfConnectingAsync("source", () => openSource(cancellationToken)).ConfigureAwait(false);
        if (openTarget is not null)
            _target ??= await RunActivities.OfConnectingAsync("target", () => openTarget(cancellationToken)).ConfigureAwait(false);
        WasOpen = true;
    }

    /// <summary>Opens a folder at the source unless it was the last that was opened by this call in this session.</summary>
    public async Task<FolderState> OpenSourceFolderAsync(FolderPath folder, CancellationToken cancellationToken)
    {
        if (_open is { } open && open.Folder == folder)
            return open.State;
        _open = null;
        var state = await Source.OpenAsync(folder, cancellationToken).ConfigureAwait(false);
        _open = (folder, state);
        return state;
    }

    /// <inheritdoc cref="IMailSource.ShortfallAsync"/>
    public Task<MailException?> ShortfallAsync(CancellationToken cancellationToken) => _source?.ShortfallAsync(cancellationToken) ?? Task.FromResult<MailException?>(null);

    public async Task CloseAsync()
    {
        var (source, target) = (_source, _target);
        (_source, _target, _open) = (null, null, null);
        if (source is not null)
            await source.DisposeAsync().ConfigureAwait(false);
        if (target is not null)
            await target.DisposeAsync().ConfigureAwait(false);
    }

    public ValueTask DisposeAsync() => new(CloseAsync());
}
