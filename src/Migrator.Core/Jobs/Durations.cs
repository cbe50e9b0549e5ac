using System.Globalization;

namespace Migrator.Core.Jobs;

/// <summary>Times as people write them in job files: a number and s, m, h or d.</summary>
public static class Durations
{
    /// <returns>Null where it is none.</returns>
    public static TimeSpan? Parse(string text)
    {
        var trimmed = text.Trim();
        if (trimmed.Length < 2 || !int.TryParse(trimmed[..^1].TrimEnd(), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return null;
        return char.ToLowerInvariant(trimmed[^1]) switch
        {
            's' => TimeSpan.FromSeconds(number),
            'm' => TimeSpan.FromMinutes(number),
            'h' => TimeSpan.FromHours(number),
            'd' when number < 100_000 => TimeSpan.FromDays(number),
            _ => null,
        };
    }

    /// <summary>In the largest unit that fits.</summary>
    public static string Of(TimeSpan span) =>
        span.TotalDays >= 1 && span.TotalDays % 1 == 0 ? $"{span.TotalDays:0}d"
        : span.TotalHours >= 1 && span.TotalHours % 1 == 0 ? $"{span.TotalHours:0}h"
        : span.TotalMinutes >= 1 && span.TotalMinutes % 1 == 0 ? $"{span.TotalMinutes:0}m"
        : $"{span.TotalSeconds:0}s";
}
