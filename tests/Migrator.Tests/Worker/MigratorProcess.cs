using System.Diagnostics;

namespace Migrator.Tests.Worker;

/// <summary>The product as a user starts it: a process of its own.</summary>
public sealed class MigratorProcess : IDisposable
{
    private readonly Process _process;
    private readonly Task<string> _output;
    private readonly Task<string> _errors;

    private MigratorProcess(Process process) =>
        (_process, _output, _errors) = (process, process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());

    public int Id => _process.Id;

    public bool HasEnded => _process.HasExited;

    public static MigratorProcess Start(string state, params string[] arguments) => Start(state, null, arguments);

    /// <param name="heap">Bytes that the process may hold in managed memory; what needs more ends it.</param>
    public static async Task<(int Code, string Output, string Errors)> RunInAsync(long heap, string state, params string[] arguments)
    {
        using var process = Start(state, heap, arguments);
        return await process.EndAsync();
    }

    private static MigratorProcess Start(
        string state,
        long? heap,
        string[] arguments,
        IReadOnlyDictionary<string, string>? environment = null,
        string? redirection = null,
        string? umask = null,
        string? program = null
    )
    {
        // Tests that were started in the background of a shell ignore Ctrl-C, and what they start would inherit that.
        string[] shell =
            umask is not null ? ["bash", "-c", $"umask {umask}; exec \"$@\"", "bash"]
            : redirection is null ? []
            :
            [
                "bash",
                "-c",
                redirection.StartsWith('|') ? $"\"$@\" {redirection}; exit ${{PIPESTATUS[0]}}" : $"exec \"$@\" {redirection}",
                "bash",
            ];
        var start = new ProcessStartInfo(
            "env",
            ["--default-signal=INT", .. shell, .. program is null ? MigratorProgram.Command : [program], .. arguments, "--state", state]
        )
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = Directory.Exists(state) ? state : Path.GetTempPath(),
        };
        start.Environment["MIGRATOR_SOURCE_PASSWORD"] = Servers.DovecotServer.Password;
        start.Environment["MIGRATOR_TARGET_PASSWORD"] = Servers.DovecotServer.Password;
        if (heap is { } limit)
            start.Environment["DOTNET_GCHeapHardLimit"] = limit.ToString("x", System.Globalization.CultureInfo.InvariantCulture);
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        return new MigratorProcess(Process.Start(start)!);
    }

    /// <inheritdoc cref="RunWithAsync"/>
    public static MigratorProcess StartWith(IReadOnlyDictionary<string, string> environment, string state, params string[] arguments) =>
        Start(state, null, arguments, environment);

    /// <param name="environment">Variables besides those that every process gets.</param>
    public static async Task<(int Code, string Output, string Errors)> RunWithAsync(
        IReadOnlyDictionary<string, string> environment,
        string state,
        params string[] arguments
    )
    {
        using var process = Start(state, null, arguments, environment);
        return await process.EndAsync();
    }

    public static async Task<(int Code, string Output, string Errors)> RunAsync(string state, params string[] arguments)
    {
        using var process = Start(state, arguments);
        return await process.EndAsync();
    }

    /// <param name="program">Instead of the one that all tests start.</param>
    public static MigratorProcess StartProgram(string program, string state, params string[] arguments) =>
        Start(state, null, arguments, program: program);

    /// <param name="redirection">What a shell does with its output, such as <c>&gt;/dev/full</c>.</param>
    public static MigratorProcess StartInShell(string redirection, string state, params string[] arguments) =>
        Start(state, null, arguments, null, redirection);

    /// <param name="umask">In octal.</param>
    /// <param name="state">May be missing.</param>
    public static MigratorProcess StartUnder(string umask, string state, params string[] arguments) =>
        Start(state, null, arguments, umask: umask);

    public async Task<(int Code, string Output, string Errors)> EndAsync()
    {
        await _process.WaitForExitAsync();
        return (_process.ExitCode, await _output, await _errors);
    }

    public void Kill() => _process.Kill();

    /// <summary>What Ctrl-C sends.</summary>
    public void Interrupt() => Signal("INT");

    /// <param name="name">Such as STOP.</param>
    public void Signal(string name)
    {
        if (!_process.HasExited)
            Process.Start("kill", [$"-{name}", $"{_process.Id}"]).WaitForExit();
    }

    /// <summary>By a signal, not for good.</summary>
    public bool IsStopped
    {
        get
        {
            try
            {
                return File.ReadLines($"/proc/{_process.Id}/stat").First().Split(") ")[1][0] == 'T';
            }
            catch (IOException)
            {
                // It has ended.
                return false;
            }
        }
    }

    /// <summary>Where a test failed before it ended the process, it ends with the test.</summary>
    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }
}
