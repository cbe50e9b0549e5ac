using System.Globalization;
using System.Text;
using Migrator.Core.JobRuns;

namespace Migrator.Service.Dashboard.Parts;

/// <summary>A line over time, in a box of <see cref="Width"/> by <see cref="Height"/>.</summary>
/// <param name="Values">Per second, the oldest first; one for each <see cref="Bucket"/>.</param>
public sealed record ChartLine(IReadOnlyList<double> Values)
{
    public const int Width = 600;
    public const int Height = 100;
    public static readonly TimeSpan Bucket = TimeSpan.FromSeconds(30);

    public double Peak { get; } = Values.Count == 0 ? 0 : Values.Max();

    public double Last => Values.Count == 0 ? 0 : Values[^1];

    /// <summary>Top of the axis: a round number of units.</summary>
    public double Top { get; init; } = 1;

    public static ChartLine Of(IReadOnlyList<Throughput> steps, DateTimeOffset since, DateTimeOffset until, Func<Throughput, long> amount)
    {
        var sums = new double[(int)((until - since) / Bucket)];
        foreach (var step in steps)
        {
            var at = (int)Math.Floor((step.At - since) / Bucket);
            if (at >= 0 && at < sums.Length)
                sums[at] += amount(step);
        }
        return new ChartLine([.. sums.Select(sum => sum / Bucket.TotalSeconds)]);
    }

    public ChartLine ToTop(double unit)
    {
        var magnitude = Math.Pow(10, Math.Floor(Math.Log10(Math.Max(Peak / unit, 1e-3))));
        var top = new[] { 1, 1.5, 2, 3, 4, 5, 6, 8, 10 }.First(step => step * magnitude * unit >= Peak * 0.999) * magnitude * unit;
        return this with { Top = top };
    }

    public string Line() => Points("M");

    public string Area() => Values.Count == 0 ? "" : $"{Points($"M0 {Height}L")}L{Width} {Height}Z";

    private string Points(string start)
    {
        var path = new StringBuilder(Values.Count == 0 ? "" : start);
        for (var i = 0; i < Values.Count; i++)
            path.Append(
                CultureInfo.InvariantCulture,
                $"{(i == 0 ? "" : "L")}{(double)i * Width / Math.Max(1, Values.Count - 1):0.#} "
                    + $"{Height - Values[i] / Top * (Height - 4):0.#}"
            );
        return path.ToString();
    }
}
