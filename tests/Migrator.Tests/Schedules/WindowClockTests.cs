using Migrator.App.Jobs;
using Migrator.Core.Jobs;
using Xunit;
using static Migrator.Tests.Schedules.Definitions;

namespace Migrator.Tests.Schedules;

public sealed class WindowClockTests
{
    [Theory]
    [InlineData("08:00-17:00", "2027-01-01 07:59:59 +01:00", false)]
    [InlineData("08:00-17:00", "2027-01-01 08:00:00 +01:00", true)]
    [InlineData("08:00-17:00", "2027-01-01 16:59:59 +01:00", true)]
    [InlineData("08:00-17:00", "2027-01-01 17:00:00 +01:00", false)]
    [InlineData("20:00-06:00", "2027-01-01 19:59:59 +01:00", false)]
    [InlineData("20:00-06:00", "2027-01-01 20:00:00 +01:00", true)]
    [InlineData("20:00-06:00", "2027-01-02 00:00:00 +01:00", true)]
    [InlineData("20:00-06:00", "2027-01-02 05:59:59 +01:00", true)]
    [InlineData("20:00-06:00", "2027-01-02 06:00:00 +01:00", false)]
    [InlineData("00:00-06:00", "2027-01-02 00:00:00 +01:00", true)]
    [InlineData("20:00-00:00", "2027-01-02 00:00:00 +01:00", false)]
    // The same hour at the server's longitude counts, not at the reader's.
    [InlineData("20:00-06:00", "2027-01-01 14:30:00 -05:00", true)]
    // 02:00 to 03:00 shows twice. What closes in it closes the first time, what opens in it opens the first time, and stays so.
    [InlineData("20:00-02:30", "2027-10-31 02:29:59 +02:00", true)]
    [InlineData("20:00-02:30", "2027-10-31 02:30:00 +02:00", false)]
    [InlineData("20:00-02:30", "2027-10-31 02:10:00 +01:00", false)]
    [InlineData("02:30-06:00", "2027-10-31 02:10:00 +02:00", false)]
    [InlineData("02:30-06:00", "2027-10-31 02:30:00 +02:00", true)]
    [InlineData("02:30-06:00", "2027-10-31 02:10:00 +01:00", true)]
    // 02:00 to 03:00 does not show.
    [InlineData("20:00-02:30", "2027-03-28 01:59:59 +01:00", true)]
    [InlineData("20:00-02:30", "2027-03-28 03:00:00 +02:00", false)]
    [InlineData("02:30-06:00", "2027-03-28 01:59:59 +01:00", false)]
    [InlineData("02:30-06:00", "2027-03-28 03:00:00 +02:00", true)]
    public void A_window_is_open_by_the_clocks_of_its_zone(string window, string moment, bool open) =>
        Assert.Equal(open, Clock(window).IsOpen(Moment(moment)));

    [Theory]
    [InlineData("20:00-06:00", "2027-01-01 12:00 +01:00", "2027-01-01 20:00 +01:00", "2027-01-02 06:00 +01:00")]
    [InlineData("20:00-06:00", "2027-01-02 01:00 +01:00", "2027-01-02 20:00 +01:00", "2027-01-02 06:00 +01:00")]
    [InlineData("20:00-06:00", "2027-01-01 20:00 +01:00", "2027-01-02 20:00 +01:00", "2027-01-02 06:00 +01:00")]
    [InlineData("20:00-06:00", "2027-01-02 06:00 +01:00", "2027-01-02 20:00 +01:00", "2027-01-03 06:00 +01:00")]
    [InlineData("08:00-17:00", "2027-01-01 18:00 +01:00", "2027-01-02 08:00 +01:00", "2027-01-02 17:00 +01:00")]
    // The night is an hour shorter in spring, and longer in autumn.
    [InlineData("20:00-06:00", "2027-03-27 12:00 +01:00", "2027-03-27 20:00 +01:00", "2027-03-28 06:00 +02:00")]
    [InlineData("20:00-06:00", "2027-10-30 12:00 +02:00", "2027-10-30 20:00 +02:00", "2027-10-31 06:00 +01:00")]
    [InlineData("20:00-02:30", "2027-03-28 00:00 +01:00", "2027-03-28 20:00 +02:00", "2027-03-28 03:00 +02:00")]
    [InlineData("02:30-06:00", "2027-03-28 00:00 +01:00", "2027-03-28 03:00 +02:00", "2027-03-28 06:00 +02:00")]
    // All of it falls into the hour that does not show: not on this day.
    [InlineData("02:10-02:50", "2027-03-28 00:00 +01:00", "2027-03-29 02:10 +02:00", "2027-03-29 02:50 +02:00")]
    public void It_opens_and_closes_next(string window, string after, string opens, string closes)
    {
        Assert.Equal(Moment(opens).ToUniversalTime(), Clock(window).NextOpening(Moment(after)));
        Assert.Equal(Moment(closes).ToUniversalTime(), Clock(window).NextClosing(Moment(after)));
        Assert.Equal(TimeSpan.Zero, Clock(window).NextOpening(Moment(after)).Offset);
    }

    [Theory]
    [InlineData("20:00-06:00", 71, 28_800)]
    [InlineData("02:30-04:00", 71, 5_400)]
    public void In_a_year_with_both_clock_changes_it_is_open_once_a_day(string window, int step, int shortest)
    {
        var clock = Clock(window);
        var (moment, opened, was) = (Moment("2027-01-01 12:00 +01:00"), new List<DateTimeOffset>(), false);
        for (; moment < Moment("2028-01-01 12:00 +01:00"); moment += TimeSpan.FromSeconds(step))
        {
            var open = clock.IsOpen(moment);
            Assert.Equal(open, clock.NextClosing(moment) < clock.NextOpening(moment));
            if (open && !was)
                opened.Add(moment);
            was = open;
        }

        Assert.Equal(365, opened.Count);
        Assert.All(opened, opening => Assert.True(clock.NextClosing(opening) - opening > TimeSpan.FromSeconds(shortest - 3600 - step)));
    }

    [Fact]
    public void A_job_without_a_window_has_no_clock()
    {
        Assert.Null(WindowClock.Of(Job("\"every\": \"1h\"")));
        Assert.Equal(new Window(new TimeOnly(20, 0), new TimeOnly(6, 0)), WindowClock.Of(Job("\"window\": \"20:00-06:00\""))!.Window);
    }

    private static WindowClock Clock(string window) => WindowClock.Of(Job($"\"window\": \"{window}\", \"timeZone\": \"Europe/Berlin\""))!;
}
