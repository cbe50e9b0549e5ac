namespace Migrator.Core.Timing;

/// <summary>Ticks at an interval until it is ended. Ticks that were missed meanwhile are one.</summary>
/// <remarks>Not a <see cref="PeriodicTimer"/>: when that is cancelled it makes the text of a stack trace, for which a program that was
/// compiled ahead of time reads the names of all its methods, some megabytes that stay.</remarks>
public sealed class Ticker(TimeSpan interval, TimeProvider time)
{
    private long _last = time.GetTimestamp();

    /// <summary>Waits for the next tick.</summary>
    /// <param name="ended">Does not throw.</param>
    /// <returns>False once it is ended.</returns>
    public async Task<bool> NextAsync(CancellationToken ended)
    {
        var left = interval - time.GetElapsedTime(_last);
        if (left > TimeSpan.Zero)
            await Task.Delay(left, time, ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _last = time.GetTimestamp();
        return !ended.IsCancellationRequested;
    }
}
