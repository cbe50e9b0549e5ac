using System.Globalization;

namespace Migrator.Tests.Providers.Simulation;

/// <summary>The set of messages that a command names, such as <c>1:5,9,12:*</c>.</summary>
internal static class UidRanges
{
    /// <param name="last">What <c>*</c> stands for.</param>
    public static Func<uint, bool> Read(string set, uint last)
    {
        (uint From, uint To)[] ranges =
        [
            .. set.Split(',')
                .Select(range => range.Split(':').Select(end => end == "*" ? last : uint.Parse(end, CultureInfo.InvariantCulture)))
                .Select(ends => (ends.Min(), ends.Max())),
        ];
        return number => ranges.Any(range => number >= range.From && number <= range.To);
    }

    /// <param name="numbers">Ascending, one at least.</param>
    public static string Write(IReadOnlyList<uint> numbers) =>
        string.Join(
            ',',
            numbers
                .Select((number, index) => (number, run: number - index))
                .GroupBy(entry => entry.run, entry => entry.number)
                .Select(run => run.First() == run.Last() ? $"{run.First()}" : $"{run.First()}:{run.Last()}")
        );
}
