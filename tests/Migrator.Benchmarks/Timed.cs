using System.Diagnostics;
using System.Globalization;
using Migrator.Tests.Servers;

namespace Migrator.Benchmarks;

internal static class Timed
{
    /// <exception cref="InvalidOperationException">The program failed: its time means nothing.</exception>
    public static async Task<Usage> RunAsync(string program, IEnumerable<string> arguments)
    {
        var output = Path.GetTempFileName();
        var measured = await RunAsync(program, arguments, output);
        File.Delete(output);
        return measured;
    }

    /// <param name="output">The file that gets what the program says.</param>
    /// <inheritdoc cref="RunAsync(string, IEnumerable{string})"/>
    public static async Task<Usage> RunAsync(string program, IEnumerable<string> arguments, string output)
    {
        // The second line that "times" prints is of the children.
        var start = new ProcessStartInfo(
            "/usr/bin/env",
            ["sh", "-c", "\"$0\" \"$@\" >\"$BENCH_OUTPUT\" 2>&1; code=$?; times; exit $code", program, .. arguments]
        )
        {
            RedirectStandardOutput = true,
        };
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
        var cpu = (await process.StandardOutput.ReadToEndAsync())
            .Split('\n')[1]
            .Split(' ')
            .Select(Cpu)
            .Aggregate((one, other) => one + other);
        return new Usage(time, cpu, peak, own);
    }

    /// <param name="text">Such as 1m2.345s.</param>
    private static TimeSpan Cpu(string text)
    {
        var parts = text.TrimEnd('s').Split('m').Select(part => double.Parse(part, CultureInfo.InvariantCulture)).ToList();
        return TimeSpan.FromSeconds((60 * parts[0]) + parts[1]);
    }

    // VmHWM is kept by the kernel: it is enough to have looked once near the end.
    private static string[] StatusOfChild(int shell)
    {
        try
        {
            var child = File.ReadAllText($"/proc/{shell}/task/{shell}/children").Trim();
            return File.ReadAllLines($"/proc/{(child.Length > 0 ? child : shell.ToString(CultureInfo.InvariantCulture))}/status");
        }
        catch (IOException)
        {
            return [];
        }
    }

    private static long Bytes(string[] status, string field) =>
        status.FirstOrDefault(line => line.StartsWith(field, StringComparison.Ordinal)) is { } line
            ? long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024
            : 0;
}
