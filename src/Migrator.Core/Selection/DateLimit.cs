using System.Globalization;

namespace Migrator.Core.Selection;

/// <summary>A moment, or an age in days.</summary>
/// <param name="At">Null for an age.</param>
/// <param name="Age">Whole days before the day of the run, in UTC; null for a moment.</param>
public readonly record struct DateLimit(DateTimeOffset? At, TimeSpan? Age)
{
    private static readonly string[] s_days = ["yyyy-MM-dd"];
    private static readonly string[] s_times = ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mmK"];

    /// <returns>Null for what is neither a date, nor a time, nor a number of days.</returns>
    public static DateLimit? Parse(string text)
    {
        var trimmed = text.Trim();
        if (trimmed.EndsWith('d') && int.TryParse(trimmed[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var days))
            return days is >= 1 and <= 36_500 ? new DateLimit(null, TimeSpan.FromDays(days)) : null;
        // Without an offset a time means another moment on each machine that reads the job.
        return
            DateTimeOffset.TryParseExact(trimmed, s_days, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date)
            || (
                DateTimeOffset.TryParseExact(trimmed, s_times, CultureInfo.InvariantCulture, DateTimeStyles.None, out date)
                && (trimmed.EndsWith('Z') || trimmed[^6] is '+' or '-')
            )
            ? new DateLimit(date.ToUniversalTime(), null)
            : null;
    }

    /// <summary>The same for all of a day, so that what is left out is judged again once a day and not in every run.</summary>
    public DateTimeOffset Resolve(DateTimeOffset now) => At ?? new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero) - Age!.Value;
}
