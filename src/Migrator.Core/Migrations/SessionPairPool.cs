using Microsoft.Extensions.Logging;
using Migrator.Core.Checkpoints;
using Migrator.Core.Failures;
using Migrator.Core.Mail;
using Migrator.Core.Progress;
using Migrator.Core.Telemetry;

namespace Migrator.Core.Migrations;

/// <summary>Works through a queue with several pairs of sessions at once. A lane does one piece of work at a time, so
/// that the messages of a folder stay in order; a lost connection is opened again and the piece is taken up anew.</summary>
internal sealed class SessionPairPool(Func<SessionPair> open, TimeProvider time, RunProgress progress, ILogger log)
{
    private readonly Retries _retries = new(time, progress, log);

    /// <param name="first">Sessions that are open already; the other lanes open their own.</param>
    /// <param name="count">Lanes, 1 or more. A server that does not allow so many connections gets fewer.</param>
    /// <param name="attempt">Does one piece of work and may be called again with fresh sessions after a lost
    /// connection; says whether it made headway since its last call by <see cref="IResumableWork.ProgressVersion"/>.</param>
    /// <param name="cancellationToken">Stops all lanes.</param>
    /// <param name="keepFirst">The first sessions are wanted afterwards.</param>
    public async Task RunAsync<T>(
        SessionPair first,
        int count,
        IReadOnlyCollection<T> queue,
        Func<T, SessionPair, CancellationToken, Task> attempt,
        CancellationToken cancellationToken,
        bool keepFirst = false
    )
        where T : IResumableWork
    {
        var work = new SessionPairQueue<T>(queue, Math.Clamp(queue.Count, 1, count));
        using var failed = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var pairs = Enumerable
            .Range(0, Math.Clamp(queue.Count, 1, count))
            .Select(pair =>
                Task.Run(
                    () => WorkAsync(pair == 0 ? first : open(), pair, work, attempt, pair == 0 && keepFirst, failed),
                    CancellationToken.None
                )
            )
            .ToList();
        // The first failure stops the other lanes, and is the one that counts: what follows from it is cancellation.
        await foreach (var pair in Task.WhenEach(pairs))
        {
            if (!pair.IsCompletedSuccessfully)
                await failed.CancelAsync();
        }
        var fault = pairs.Find(pair => pair.IsFaulted);
        await (fault ?? Task.WhenAll(pairs));
    }

    private async Task WorkAsync<T>(
        SessionPair sessions,
        int pair,
        SessionPairQueue<T> queue,
        Func<T, SessionPair, CancellationToken, Task> attempt,
        bool keep,
        CancellationTokenSource stop
    )
        where T : IResumableWork
    {
        try
        {
            if (pair > 0 && !await CanOpenAsync(sessions, pair, stop.Token) && queue.TryLeave())
                return;
            while (!stop.IsCancellationRequested && await queue.TakeAsync(stop.Token) is (true, var item))
            {
                try
                {
                    await RetryAsync(item, sessions, attempt, stop.Token);
                    queue.Done();
                }
                catch (MailException exception) when (!sessions.IsOpen && Retries.MayPass(exception, sessions) && queue.TryLeave(item))
                {
                    log.FewerConnections(pair, exception.Message);
                    progress.Notice(
                        $"A connection that was lost could not be opened again; the other connections continue. ({exception.Message})"
                    );
                    return;
                }
            }
            stop.Token.ThrowIfCancellationRequested();
        }
        finally
        {
            if (!keep)
                await sessions.CloseAsync();
        }
    }

    private async Task<bool> CanOpenAsync(SessionPair sessions, int pair, CancellationToken cancellationToken)
    {
        try
        {
            await sessions.EnsureOpenAsync(cancellationToken);
            return true;
        }
        catch (MailException exception)
        {
            log.FewerConnections(pair, exception.Message);
            progress.Notice($"A server did not allow connection {pair + 1}; continuing with {pair} or fewer. ({exception.Message})");
            return false;
        }
    }

    private async Task RetryAsync<T>(
        T item,
        SessionPair sessions,
        Func<T, SessionPair, CancellationToken, Task> attempt,
        CancellationToken cancellationToken
    )
        where T : IResumableWork
    {
        for (var (tries, progressVersion) = (0, item.ProgressVersion); ; )
        {
            try
            {
                await sessions.EnsureOpenAsync(cancellationToken);
                await attempt(item, sessions, cancellationToken);
                return;
            }
            catch (MailException exception) when (Retries.MayPass(exception, sessions))
            {
                await sessions.CloseAsync();
                (tries, progressVersion) =
                    item.ProgressVersion == progressVersion ? (tries + 1, progressVersion) : (1, item.ProgressVersion);
                if (tries >= Retries.Most)
                {
                    if (!await CanGoOnAsync(sessions, cancellationToken) || !item.GiveUp(exception))
                        throw;
                    tries = 0;
                    continue;
                }
                await _retries.WaitAsync(exception, tries, cancellationToken);
            }
        }
    }

    /// <summary>Whether both servers still let us in: then it is the piece of work that ends the connection.</summary>
    private static async Task<bool> CanGoOnAsync(SessionPair sessions, CancellationToken cancellationToken)
    {
        try
        {
            await sessions.EnsureOpenAsync(cancellationToken);
            return true;
        }
        catch (MailException)
        {
            return false;
        }
    }
}

/// <summary>A piece of work that can be taken up again.</summary>
internal interface IResumableWork
{
    /// <summary>Changes whenever something durable was achieved.</summary>
    long ProgressVersion { get; }

    /// <summary>It has ended the connection again and again, and the servers are there.</summary>
    /// <returns>Whether what is to blame is left out from now on, so that the rest can be tried; false where the run cannot go on
    /// without it. Asked to do the work again, it does what is left.</returns>
    bool GiveUp(MailException loss) => false;
}

/// <summary>The sessions of a lane, opened when first wanted.</summary>
/// <param name="openTarget">Null where there is only a source.</param>
internal sealed class SessionPair(
    Func<CancellationToken, Task<IMailSource>> openSource,
    Func<CancellationToken, Task<IMailTarget>>? openTarget
) : IAsyncDisposable
{
    private IMailSource? _source;
    private IMailTarget? _target;
    private (FolderPath Folder, FolderState State)? _open;

    public SessionPair(MailboxEndpoints endpoints, IUidMap uidMap, IMailboxLease lease)
        : this(stop => endpoints.OpenSource(uidMap, stop), stop => endpoints.OpenTarget(lease, stop)) { }

    public IMailSource Source => _source ?? throw new InvalidOperationException("The source session is not open.");

    public IMailTarget Target => _target ?? throw new InvalidOperationException("The target session is not open.");

    /// <summary>All ends are reached, as far as is known.</summary>
    public bool IsOpen => _source is not null && (openTarget is null || _target is not null);

    /// <summary>All ends were reached at some time.</summary>
    public bool WasOpen { get; private set; }

    public async Task EnsureOpenAsync(CancellationToken cancellationToken)
    {
        _source ??= await RunActivities.OfConnectingAsync("source", () => openSource(cancellationToken));
        if (openTarget is not null)
            _target ??= await RunActivities.OfConnectingAsync("target", () => openTarget(cancellationToken));
        WasOpen = true;
    }

    /// <summary>Opens a folder at the source unless it was the last that was opened by this call in this session.</summary>
    public async Task<FolderState> OpenSourceFolderAsync(FolderPath folder, CancellationToken cancellationToken)
    {
        if (_open is { } open && open.Folder == folder)
            return open.State;
        _open = null;
        var state = await Source.OpenAsync(folder, cancellationToken);
        _open = (folder, state);
        return state;
    }

    /// <inheritdoc cref="IMailSource.ShortfallAsync"/>
    public Task<MailException?> ShortfallAsync(CancellationToken cancellationToken) =>
        _source?.ShortfallAsync(cancellationToken) ?? Task.FromResult<MailException?>(null);

    public async Task CloseAsync()
    {
        var (source, target) = (_source, _target);
        (_source, _target, _open) = (null, null, null);
        if (source is not null)
            await source.DisposeAsync();
        if (target is not null)
            await target.DisposeAsync();
    }

    public ValueTask DisposeAsync() => new(CloseAsync());
}
