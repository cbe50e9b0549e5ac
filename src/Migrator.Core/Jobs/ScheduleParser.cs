using System.Globalization;

namespace Migrator.Core.Jobs;

/// <summary>Reads <c>schedule</c> of a job file.</summary>
internal static class ScheduleParser
{
    public static readonly IReadOnlyDictionary<string, MisfirePolicy> Misfires = new Dictionary<string, MisfirePolicy>
    {
        ["run"] = MisfirePolicy.RunOnce,
        ["skip"] = MisfirePolicy.Skip,
    };

    private static readonly string[] s_moments = ["yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd HH:mm"];

    public static Schedule? Read(JsonObjectReader? schedule)
    {
        if (schedule is null)
            return null;
        var cron = schedule.Text("cron");
        var every = schedule.Duration("every", TimeSpan.FromMinutes(1), TimeSpan.FromDays(366));
        var at = Moment(schedule);
        var zone = Zone(schedule);
        var jitter = schedule.Duration("jitter", TimeSpan.Zero, TimeSpan.FromHours(12)) ?? TimeSpan.Zero;
        var misfire = schedule.Choice("misfire", Misfires) ?? MisfirePolicy.RunOnce;
        var window = ReadWindow(schedule);
        schedule.NothingElse();
        if (new[] { "cron", "every", "at" }.Count(schedule.Names.Contains) > 1)
            schedule.Wrong(schedule.Path, "has more than one of cron, every and at; keep one.");
        return new Schedule(cron, every, at, zone, jitter, misfire, window);
    }

    private static DateTime? Moment(JsonObjectReader schedule)
    {
        if (schedule.Text("at") is not { } text)
            return null;
        if (
            DateTime.TryParseExact(text, s_moments, CultureInfo.InvariantCulture, DateTimeStyles.None, out var moment)
            && moment.Year is >= 1970 and < 9999
        )
            return moment;
        schedule.Wrong(schedule.At("at"), $"is \"{text}\"; write a moment such as \"2027-01-31T22:00\", by the clocks of timeZone.");
        return null;
    }

    private static TimeZoneInfo Zone(JsonObjectReader schedule)
    {
        if (schedule.Text("timeZone") is not { } id)
            return TimeZoneInfo.Local;
        if (TimeZoneInfo.TryFindSystemTimeZoneById(id, out var zone))
            return zone;
        schedule.Wrong(
            schedule.At("timeZone"),
            $"is \"{id}\", which this machine does not know; write a name such as \"Europe/Berlin\" or \"UTC\" (Linux: the "
                + "package tzdata contains them)."
        );
        return TimeZoneInfo.Utc;
    }

    private static Window? ReadWindow(JsonObjectReader schedule)
    {
        if (schedule.Text("window") is not { } text)
            return null;
        var ends = text.Split('-', StringSplitOptions.TrimEntries);
        if (ends.Length == 2 && Hour(ends[0]) is { } from && Hour(ends[1]) is { } to && from != to)
            return new Window(from, to);
        schedule.Wrong(schedule.At("window"), $"is \"{text}\"; write two different times such as \"20:00-06:00\".");
        return null;
    }

    private static TimeOnly? Hour(string text) =>
        TimeOnly.TryParseExact(text, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time) ? time : null;
}
