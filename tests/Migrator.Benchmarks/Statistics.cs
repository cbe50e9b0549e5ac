namespace Migrator.Benchmarks;

internal static class Statistics
{
    /// <summary>The upper one of the two in the middle, where their number is even.</summary>
    public static double Median(IEnumerable<double> values)
    {
        var ordered = values.Order().ToList();
        return ordered[ordered.Count / 2];
    }
}
