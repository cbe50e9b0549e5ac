using System.Diagnostics;
using System.Globalization;

namespace Migrator.Tests.Terminal;

/// <summary>A real terminal of a given width: tmux, with a server of its own that reads no one's configuration. What is captured is what a
/// person would see.</summary>
internal sealed class TerminalEmulator : IAsyncDisposable
{
    private const int Height = 50;

    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(20);

    private readonly DirectoryInfo _home;
    private readonly string[] _server;

    private TerminalEmulator(DirectoryInfo home, int width) =>
        // A socket's path is at most 107 bytes, wherever the temporary directory is.
        (_home, Width, _server) = (home, width, ["-S", Path.Combine(home.FullName, "s"), "-f", "/dev/null", "-u"]);

    // After all that a program writes; nothing else has it.
    private const string End = "\u2403";

    public int Width { get; }

    public static bool IsInstalled =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(directory => File.Exists(Path.Combine(directory, "tmux")));

    public static async Task<TerminalEmulator> StartAsync(int width)
    {
        var terminal = new TerminalEmulator(Directory.CreateTempSubdirectory("tmux"), width);
        // The first window, which runs no program of ours, keeps the server alive.
        await terminal.TmuxAsync(
            ["new-session", "-d", "-x", Text(width), "-y", Text(Height), "cat"],
            ["set", "-g", "status", "off"],
            ["set", "-g", "remain-on-exit", "on"],
            ["set", "-g", "remain-on-exit-format", ""],
            ["set", "-g", "history-limit", "5000"],
            ["set", "-g", "default-terminal", "screen-256color"]
        );
        return terminal;
    }

    /// <summary>Types a command into a window of its own.</summary>
    /// <returns>Names the window.</returns>
    public async Task<string> OpenAsync(string directory, IReadOnlyDictionary<string, string> environment, string line)
    {
        // Of programs that end at once, tmux does not always notice the exit code; nor, on a busy machine, the last that they wrote, unless
        // something keeps the terminal open until that is shown.
        string[] program = ["sh", "-c", $"{line}\necho $? > '{CodeOf("")}'$TMUX_PANE\nprintf '{End}'\nexec sleep 3600"];
        // tmux would put its own path in the place of ours.
        string[] variables = ["env", .. environment.Select(variable => $"{variable.Key}={variable.Value}")];
        return (await TmuxAsync(["new-window", "-d", "-P", "-F", "#{pane_id}", "-c", directory, "--", .. variables, .. program])).Trim();
    }

    public Task TypeAsync(string window, string keys) => TmuxAsync(["send-keys", "-t", window, .. keys.Split(' ')]);

    /// <summary>Returns when the screen shows a text.</summary>
    public async Task WaitForAsync(string window, string text)
    {
        var clock = Stopwatch.StartNew();
        while (!(await CaptureAsync(window, joined: true)).Contains(text, StringComparison.Ordinal))
        {
            if (clock.Elapsed > s_deadline || await IsOverAsync(window))
                throw new TimeoutException($"The screen does not show \"{text}\":\n{await CaptureAsync(window)}");
            await Task.Delay(s_pause);
        }
    }

    /// <summary>Returns when the program of the window has ended and all that it wrote is on the screen.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> WaitForEndAsync(string window)
    {
        var clock = Stopwatch.StartNew();
        while (!await IsOverAsync(window))
        {
            if (clock.Elapsed > s_deadline)
                throw new TimeoutException($"The program does not end:\n{await CaptureAsync(window)}");
            await Task.Delay(s_pause);
        }
        return int.Parse(await File.ReadAllTextAsync(CodeOf(window)), CultureInfo.InvariantCulture);
    }

    private async Task<bool> IsOverAsync(string window) =>
        (await TmuxAsync(["capture-pane", "-p", "-t", window, "-S", "-", "-J"])).Contains(End, StringComparison.Ordinal);

    private string CodeOf(string window) => Path.Combine(_home.FullName, $"code{window}");

    /// <summary>All that the window has shown, also what has left it at the top.</summary>
    /// <param name="joined">A line that the terminal had to break is one line.</param>
    public async Task<string> CaptureAsync(string window, bool joined = false) =>
        (await TmuxAsync(["capture-pane", "-p", "-t", window, "-S", "-", .. joined ? new[] { "-J" } : []])).Replace(
            End,
            "",
            StringComparison.Ordinal
        );

    public Task CloseAsync(string window) => TmuxAsync(["kill-pane", "-t", window]);

    public async ValueTask DisposeAsync()
    {
        await TmuxAsync(["kill-server"]);
        _home.Delete(recursive: true);
    }

    private async Task<string> TmuxAsync(params string[][] commands)
    {
        // A semicolon of its own is what tmux has between commands.
        var start = new ProcessStartInfo(
            "tmux",
            [.. _server, .. commands.SelectMany((words, index) => index == 0 ? words : [";", .. words])]
        )
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // What runs in a terminal of this one inherits nothing of the terminal or the user that the tests run in.
        var path = start.Environment["PATH"];
        start.Environment.Clear();
        start.Environment["PATH"] = path;
        start.Environment["LANG"] = "C.UTF-8";
        start.Environment["SHELL"] = "/bin/sh";
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        using var deadline = new CancellationTokenSource(s_deadline);
        try
        {
            await process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw new TimeoutException($"tmux {string.Join(' ', commands[0])} does not end.");
        }
        return process.ExitCode == 0
            ? await output
            : throw new InvalidOperationException($"tmux {string.Join(' ', commands[0])}: {await errors}");
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
