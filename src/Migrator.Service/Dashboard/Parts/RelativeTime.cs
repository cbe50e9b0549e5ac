using Migrator.App.Formatting;

namespace Migrator.Service.Dashboard.Parts;

/// <summary>Moments as people say them.</summary>
internal static class RelativeTime
{
    /// <summary>"3 min ago", "in 2 h", "just now".</summary>
    public static string Of(DateTimeOffset at, DateTimeOffset now)
    {
        var apart = (at - now).Duration();
        return apart < TimeSpan.FromSeconds(5)
            ? at > now
                ? "now"
                : "just now"
            : at > now
                ? $"in {Short(apart)}"
                : $"{Short(apart)} ago";
    }

    /// <summary>"12 s", "3 min", "2 h 5 min", "4 d".</summary>
    public static string Short(TimeSpan time) =>
        time switch
        {
            { TotalMinutes: < 1 } => $"{Math.Max(1, (int)time.TotalSeconds)} s",
            { TotalHours: < 1 } => $"{(int)time.TotalMinutes} min",
            { TotalHours: < 6 } when time.Minutes > 0 => $"{(int)time.TotalHours} h {time.Minutes} min",
            { TotalDays: < 2 } => $"{(int)time.TotalHours} h",
            _ => $"{Format.Count((long)time.TotalDays)} d",
        };
}
