using System.Diagnostics;
using Migrator.Tests.Servers;

namespace Migrator.Benchmarks;

internal static class Timed
{
    /// <exception cref="InvalidOperationException">The program failed: its time means nothing.</exception>
    public static async Task<(TimeSpan Time, long Peak)> RunAsync(string program, IEnumerable<string> arguments)
    {
        var output = Path.GetTempFileName();
        var measured = await RunAsync(program, arguments, output);
        File.Delete(output);
        return (measured.Time, measured.Peak);
    }

    /// <param name="output">The file that gets what the program says.</param>
    /// <returns>Besides the time, the largest resident set, and how much of it at most was the process's own, without mapped files such as
    /// its code.</returns>
    /// <inheritdoc cref="RunAsync(string, IEnumerable{string})"/>
    public static async Task<(TimeSpan Time, long Peak, long Private)> RunAsync(
        string program,
        IEnumerable<string> arguments,
        string output
    )
    {
        var start = new ProcessStartInfo(
            "/usr/bin/env",
            ["sh", "-c", "\"$0\" \"$@\" >\"$BENCH_OUTPUT\" 2>&1; code=$?; exit $code", program, .. arguments]
        );
        start.Environment["BENCH_OUTPUT"] = output;
        start.Environment["BENCH_PASSWORD"] = DovecotServer.Password;
        var began = Stopwatch.GetTimestamp();
        using var process = Process.Start(start)!;
        var (peak, own, pid) = (0L, 0L, process.Id);
        while (!process.WaitForExit(TimeSpan.FromMilliseconds(20)))
        {
            var status = StatusOfChild(pid);
            (peak, own) = (Math.Max(peak, Bytes(status, "VmHWM:")), Math.Max(own, Bytes(status, "RssAnon:")));
        }
        var time = Stopwatch.GetElapsedTime(began);
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} ended with {process.ExitCode}: {await File.ReadAllTextAsync(output)}");
        return (time, peak, own);
    }

    // VmHWM is kept by the kernel: it is enough to have looked once near the end.
    private static string[] StatusOfChild(int shell)
    {
        try
        {
            var child = File.ReadAllText($"/proc/{shell}/task/{shell}/children").Trim();
            return File.ReadAllLines(
                $"/proc/{(child.Length > 0 ? child : shell.ToString(System.Globalization.CultureInfo.InvariantCulture))}/status"
            );
        }
        catch (IOException)
        {
            return [];
        }
    }

    private static long Bytes(string[] status, string field) =>
        status.FirstOrDefault(line => line.StartsWith(field, StringComparison.Ordinal)) is { } line
            ? long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], System.Globalization.CultureInfo.InvariantCulture)
                * 1024
            : 0;
}
