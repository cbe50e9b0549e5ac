namespace Migrator.App.Jobs;

/// <summary>What the clocks of a time zone show, as moments. Where they are put forward, a time that never shows is the moment at which
/// they are put forward; where they are put back, a time that shows twice is the first of the two. Cron goes by the same rule.</summary>
public static class WallClock
{
    public static DateTimeOffset ToMoment(DateTime local, TimeZoneInfo zone)
    {
        var reading = DateTime.SpecifyKind(local, DateTimeKind.Unspecified);
        if (zone.IsAmbiguousTime(reading))
            return new DateTimeOffset(reading, zone.GetAmbiguousTimeOffsets(reading).Max()).ToUniversalTime();
        if (!zone.IsInvalidTime(reading))
            return new DateTimeOffset(reading, zone.GetUtcOffset(reading)).ToUniversalTime();
        // Clocks are moved on whole minutes: the moment after the last one that shows before the gap.
        var last = reading.AddTicks(-(reading.Ticks % TimeSpan.TicksPerMinute));
        while (zone.IsInvalidTime(last))
            last = last.AddMinutes(-1);
        return new DateTimeOffset(last, zone.GetUtcOffset(last)).AddMinutes(1).ToUniversalTime();
    }
}
