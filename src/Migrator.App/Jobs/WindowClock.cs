using Migrator.Core.Jobs;

namespace Migrator.App.Jobs;

/// <summary>When a window is open, by the clocks of a time zone. Each opens once a day and closes once, also on days with a clock change:
/// see <see cref="WallClock"/> for times that do not show then, or show twice.</summary>
public sealed record WindowClock(Window Window, TimeZoneInfo Zone)
{
    /// <returns>Null where mailboxes are worked on at any hour.</returns>
    public static WindowClock? Of(JobDefinition job) =>
        job.Schedule is { Window: { } window } schedule ? new WindowClock(window, schedule.Zone) : null;

    public bool IsOpen(DateTimeOffset moment) => Around(moment).Any(open => open.From <= moment && moment < open.To);

    /// <returns>The first opening after a moment, in UTC.</returns>
    public DateTimeOffset NextOpening(DateTimeOffset after) => Around(after).First(open => open.From > after).From;

    /// <returns>The first closing after a moment, in UTC.</returns>
    public DateTimeOffset NextClosing(DateTimeOffset after) => Around(after).First(open => open.To > after).To;

    // From two days before, as a window may reach over midnight, until a day is found on which the window is not swallowed by a gap.
    private IEnumerable<(DateTimeOffset From, DateTimeOffset To)> Around(DateTimeOffset moment)
    {
        var today = TimeZoneInfo.ConvertTime(moment, Zone).Date;
        return Enumerable
            .Range(-2, 7)
            .Select(days => Opened(DateOnly.FromDateTime(today).AddDays(days)))
            .Where(open => open.From < open.To);
    }

    private (DateTimeOffset From, DateTimeOffset To) Opened(DateOnly day) =>
        (
            WallClock.ToMoment(day.ToDateTime(Window.From), Zone),
            WallClock.ToMoment((Window.To > Window.From ? day : day.AddDays(1)).ToDateTime(Window.To), Zone)
        );
}
