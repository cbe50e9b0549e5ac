using System.Globalization;

namespace Migrator.App.Formatting;

/// <summary>Numbers as people read them, the same whatever the machine's culture.</summary>
public static class Format
{
    private static readonly string[] s_units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

    /// <summary>1234567 is "1,234,567".</summary>
    public static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>"1 message", "1,234 messages".</summary>
    public static string Count(long count, string noun, string plural) => $"{Count(count)} {(count == 1 ? noun : plural)}";

    public static string Count(long count, string noun) => $"{Count(count)} {noun}{(count == 1 ? "" : "s")}";

    /// <summary>"512 B", "1.5 KiB", "311 MiB": binary units.</summary>
    public static string Size(double bytes)
    {
        var unit = 0;
        // 1023.96 KiB would be rounded to "1024 KiB": it is 1.0 MiB.
        while (bytes >= 1023.5 && unit < s_units.Length - 1)
            (bytes, unit) = (bytes / 1024, unit + 1);
        return bytes.ToString(unit == 0 || bytes >= 99.95 ? "0" : "0.0", CultureInfo.InvariantCulture) + " " + s_units[unit];
    }

    /// <summary>"412/s", "0.4/s".</summary>
    public static string PerSecond(double rate) =>
        (rate is > 0 and < 9.95 ? rate.ToString("0.0", CultureInfo.InvariantCulture) : Count((long)Math.Round(rate))) + "/s";

    /// <summary>"less than 1 s", "20 s", "3 min 20 s", "2 h 5 min", "3 d 4 h".</summary>
    public static string Duration(TimeSpan time) =>
        time switch
        {
            { TotalSeconds: < 1 } => "less than 1 s",
            { TotalMinutes: < 1 } => $"{time.Seconds} s",
            { TotalHours: < 1 } => $"{time.Minutes} min {time.Seconds} s",
            { TotalDays: < 1 } => $"{time.Hours} h {time.Minutes} min",
            _ => $"{Count(time.Days)} d {time.Hours} h",
        };

    /// <summary>Rounded down: 100 only where nothing is left.</summary>
    public static int Percent(long done, long expected) =>
        expected <= 0 || done >= expected ? 100 : (int)(100.0 * Math.Max(0, done) / expected);

    /// <summary>"2026-03-04 13:22:10 UTC".</summary>
    public static string Moment(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    /// <summary>"2026-03-04 14:22:10 +01:00", in the time of a zone; "… UTC" where that is the same.</summary>
    public static string Moment(DateTimeOffset time, TimeZoneInfo zone) =>
        TimeZoneInfo.ConvertTime(time, zone) is var local && local.Offset == TimeSpan.Zero
            ? Moment(time)
            : local.ToString("yyyy-MM-dd HH:mm:ss zzz", CultureInfo.InvariantCulture);

    /// <summary>"2026-03-04 14:22", in the time of a zone: for narrow columns.</summary>
    public static string Minute(DateTimeOffset time, TimeZoneInfo zone) =>
        TimeZoneInfo.ConvertTime(time, zone).ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);

    /// <summary>"Europe/Berlin (+01:00)", "UTC".</summary>
    public static string Zone(TimeZoneInfo zone, DateTimeOffset at) =>
        TimeZoneInfo.ConvertTime(at, zone) is var local
        && local.Offset == TimeSpan.Zero
        && zone.BaseUtcOffset == TimeSpan.Zero
        && !zone.SupportsDaylightSavingTime
            ? "UTC"
            : string.Create(CultureInfo.InvariantCulture, $"{zone.Id} ({local:zzz})");
}
