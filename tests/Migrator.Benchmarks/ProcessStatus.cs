using System.Globalization;

namespace Migrator.Benchmarks;

/// <summary>What the kernel says of a process.</summary>
internal static class ProcessStatus
{
    /// <param name="field">A size, such as VmHWM: the largest resident set so far.</param>
    /// <returns>In bytes.</returns>
    public static long Bytes(int process, string field) =>
        1024
        * long.Parse(
            File.ReadLines($"/proc/{process}/status")
                .First(line => line.StartsWith($"{field}:", StringComparison.Ordinal))
                .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
            CultureInfo.InvariantCulture
        );
}
