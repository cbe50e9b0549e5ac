using System.Runtime.CompilerServices;
using Migrator.Core.Timing;

namespace Migrator.App.Progress;

/// <summary>Shows work while it is done: the work never waits for a terminal.</summary>
public static class Watching
{
    /// <param name="read">Reads a state; true for the final one.</param>
    /// <returns>What the work returned.</returns>
    public static async Task<T> DuringAsync<TState, T>(IView<TState> view, Func<bool, TState> read, TimeProvider time, Func<Task<T>> work)
    {
        using var ended = new CancellationTokenSource();
        var showing = ShowAsync();
        try
        {
            return await work();
        }
        finally
        {
            await ended.CancelAsync();
            await showing;
        }

        async Task ShowAsync()
        {
            try
            {
                await view.ShowAsync(StatesAsync(read, view.Interval, time, ended.Token));
            }
            catch (IOException)
            {
                // `migrator ... | head`: nobody looks any more, and that is no reason to stop a migration.
            }
        }
    }

    /// <summary>A state at once, one each <paramref name="interval"/>, and a final one when <paramref name="ended"/> is
    /// cancelled.</summary>
    private static async IAsyncEnumerable<TState> StatesAsync<TState>(
        Func<bool, TState> read,
        TimeSpan interval,
        TimeProvider time,
        [EnumeratorCancellation] CancellationToken ended
    )
    {
        using var ticker = new Ticker(interval, time);
        do
        {
            yield return read(false);
        } while (await ticker.NextAsync(ended));
        yield return read(true);
    }
}
