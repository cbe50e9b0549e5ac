using Migrator.App.Progress;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Migrator.Cli.Output;

/// <summary>A picture that is redrawn in place, for a person at a terminal. Leaves nothing behind: a summary follows.</summary>
/// <param name="frame">Draws a state, for a width and a height.</param>
public sealed class LiveView<TState>(IAnsiConsole console, Func<TState, int, int, IRenderable> frame) : IView<TState>
{
    public TimeSpan Interval => TimeSpan.FromMilliseconds(250);

    public Task ShowAsync(IAsyncEnumerable<TState> states) =>
        console
            .Live(new Text(""))
            .AutoClear(true)
            .Overflow(VerticalOverflow.Crop)
            .StartAsync(async live =>
            {
                // Width and height are asked for each time: windows are resized.
                await foreach (var state in states)
                    live.UpdateTarget(frame(state, console.Profile.Width, console.Profile.Height));
            });
}
