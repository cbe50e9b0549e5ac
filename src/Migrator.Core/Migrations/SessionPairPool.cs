using Microsoft.Extensions.Logging;
using Migrator.Core.Failures;
using Migrator.Core.Progress;

namespace Migrator.Core.Migrations;

/// <summary>Works through a queue with several pairs of sessions at once. A session pair does one piece of work at a time, so
/// that the messages of a folder stay in order; a lost connection is opened again and the piece is taken up again.</summary>
internal sealed class SessionPairPool(Func<SessionPair> open, TimeProvider time, RunProgress progress, ILogger log)
{
    private readonly Retries _retries = new(time, progress, log);

    /// <param name="first">Sessions that are open already; the other session pairs open their own.</param>
    /// <param name="count">Lanes, 1 or more. A server that does not allow so many connections gets fewer.</param>
    /// <param name="attempt">Does one piece of work and may be called again with fresh sessions after a lost
    /// connection; says whether it made progress since its last call by <see cref="IResumableWork.ProgressVersion"/>.</param>
    /// <param name="cancellationToken">Stops all session pairs.</param>
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
        // The first failure stops the other session pairs, and is the one that counts: what follows from it is cancellation. A daily limit
        // stops each of them by itself, once what it has fetched is delivered.
        await foreach (var pair in Task.WhenEach(pairs))
        {
            if (!pair.IsCompletedSuccessfully && !HasReachedDailyLimit(pair))
                await failed.CancelAsync();
        }
        var fault = pairs.Find(pair => pair.IsFaulted);
        await (fault ?? Task.WhenAll(pairs));
    }

    private static bool HasReachedDailyLimit(Task pair) =>
        pair.Exception?.InnerException is MailException exception && exception.Reason == Reason.DailyLimit;

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
                catch (MailException exception) when (exception.Reason == Reason.DailyLimit)
                {
                    // The others do not wait for it.
                    queue.Done();
                    throw;
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
