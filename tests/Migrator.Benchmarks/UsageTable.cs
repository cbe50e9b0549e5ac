namespace Migrator.Benchmarks;

/// <summary>What commands took, a row each, as it is known.</summary>
internal sealed class UsageTable
{
    private readonly int _width;

    public UsageTable(string title, int width = 27)
    {
        _width = width;
        Console.WriteLine($"| {title.PadRight(width)} |     time | CPU time | peak memory |");
        Console.WriteLine($"|{new string('-', width + 2)}|---------:|---------:|------------:|");
    }

    /// <param name="measured">Of which the medians are shown.</param>
    public void Add(string name, params IReadOnlyList<Usage> measured)
    {
        var seconds = Statistics.Median(measured.Select(one => one.Time.TotalSeconds));
        var cpu = Statistics.Median(measured.Select(one => one.Cpu.TotalSeconds));
        var peak = Statistics.Median(measured.Select(one => (double)one.Peak)) / (1 << 20);
        Console.WriteLine(
            FormattableString.Invariant($"| {name.PadRight(_width)} | {seconds, 6:0.00} s | {cpu, 6:0.00} s | {peak, 7:0} MiB |")
        );
    }
}
