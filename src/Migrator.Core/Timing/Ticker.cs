namespace Migrator.Core.Timing;

/// <summary>Ticks at an interval until it is ended. Ticks that were missed meanwhile are one.</summary>
/// <remarks>Not a <see cref="PeriodicTimer"/>: when that is cancelled it makes the text of a stack trace, for which a program that was
/// compiled ahead of time reads the names of all its methods, some megabytes that stay.</remarks>
public sealed class Ticker : IDisposable
{
    // Not disposed: a last tick may come late.
    private readonly SemaphoreSlim _ticked = new(0);
    private readonly ITimer _timer;

    public Ticker(TimeSpan interval, TimeProvider time) =>
        _timer = time.CreateTimer(
            _ =>
            {
                if (_ticked.CurrentCount == 0)
                    _ticked.Release();
            },
            null,
            interval,
            interval
        );

    /// <summary>Waits for the next tick.</summary>
    /// <param name="ended">Does not throw.</param>
    /// <returns>False once it is ended.</returns>
    public async Task<bool> NextAsync(CancellationToken ended)
    {
        await _ticked.WaitAsync(ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !ended.IsCancellationRequested;
    }

    public void Dispose() => _timer.Dispose();
}
