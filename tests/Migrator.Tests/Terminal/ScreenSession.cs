using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Terminal;

/// <summary>Types every scene into a terminal of one width, one after the other, as a person would in an afternoon.</summary>
public abstract class ScreenSession(int width, DovecotFixture servers) : IAsyncLifetime
{
    private readonly Dictionary<string, Screen> _screens = [];
    private readonly Dictionary<string, string> _failures = [];

    public int Width => width;

    public async ValueTask InitializeAsync()
    {
        if (!TerminalEmulator.IsInstalled)
            return;
        await using var small = await ScreenWorld.StartSmallServerAsync();
        await using var world = await ScreenWorld.CreateAsync(width, servers, small);
        await using var terminal = await TerminalEmulator.StartAsync(width);
        foreach (var scene in ScreenScript.All)
        {
            try
            {
                _screens[scene.Name] = await PlayAsync(scene, world, terminal);
            }
            catch (Exception exception) when (exception is InvalidOperationException or TimeoutException or IOException)
            {
                // It fails its own test; the others go on.
                _failures[scene.Name] = exception.Message;
            }
        }
    }

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return default;
    }

    internal Screen Of(string name) =>
        _screens.TryGetValue(name, out var screen)
            ? screen
            : throw new InvalidOperationException(_failures.GetValueOrDefault(name, $"Nothing was typed for {name}."));

    private static async Task<Screen> PlayAsync(Scene scene, ScreenWorld world, TerminalEmulator terminal)
    {
        if (scene.Before is { } before)
            await before(world);
        var line = world.Values.Aggregate(scene.Line, (text, value) => text.Replace($"{{{value.Key}}}", value.Value));
        var environment = world.Environment;
        foreach (var name in scene.Without)
            environment.Remove(name);
        var window = await terminal.OpenAsync(world.Directory, environment, line);
        foreach (var (shown, keys) in scene.Typed)
        {
            await terminal.WaitForAsync(window, shown);
            await terminal.TypeAsync(window, keys);
        }
        var code = await terminal.WaitForEndAsync(window);
        var lines = (await terminal.CaptureAsync(window, joined: true)).TrimEnd().Split('\n').Select(each => each.TrimEnd());
        await terminal.CloseAsync(window);
        return new Screen(
            ScreenText.Settled(line, world),
            [.. lines.Take(scene.Head > 0 ? scene.Head : int.MaxValue).Select(each => ScreenText.Settled(each, world))],
            terminal.Width,
            code
        )
        {
            IsVerbatim = scene.IsVerbatim,
        };
    }
}
