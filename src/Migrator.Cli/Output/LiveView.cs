using Migrator.App.Progress;
using Spectre.Console;

namespace Migrator.Cli.Output;

/// <summary>A picture that is redrawn in place, for a person at a terminal. Leaves nothing behind: a summary follows.</summary>
public sealed class LiveView(IAnsiConsole console) : IRunView
{
    public TimeSpan Interval => TimeSpan.FromMilliseconds(250);

    public Task ShowAsync(IAsyncEnumerable<RunState> states) =>
        console.Live(new Text("")).AutoClear(true).Overflow(VerticalOverflow.Crop).StartAsync(async live =>
        {
            // Width and height are asked for each time: windows are resized.
            await foreach (var state in states)
                live.UpdateTarget(LiveFrame.Of(state, console.Profile.Width, console.Profile.Height));
        });
}
