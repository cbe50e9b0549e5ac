using Migrator.App.Jobs;
using Xunit;
using static Migrator.Tests.Schedules.Definitions;

namespace Migrator.Tests.Schedules;

public sealed class CronTests
{
    // 2027-01-01 is a Friday.
    public static TheoryData<string, string[]> Expressions =>
        new()
        {
            { "* * * * *", ["01-01 00:01", "01-01 00:02", "01-01 00:03", "01-01 00:04", "01-01 00:05"] },
            { "*/25 * * * *", ["01-01 00:25", "01-01 00:50", "01-01 01:00", "01-01 01:25", "01-01 01:50"] },
            { "5,35 22-23 * * *", ["01-01 22:05", "01-01 22:35", "01-01 23:05", "01-01 23:35", "01-02 22:05"] },
            { "0 8-18/5 * * *", ["01-01 08:00", "01-01 13:00", "01-01 18:00", "01-02 08:00", "01-02 13:00"] },
            { "30 2 * * 1-5", ["01-01 02:30", "01-04 02:30", "01-05 02:30", "01-06 02:30", "01-07 02:30"] },
            { "0 0 * * 0", ["01-03 00:00", "01-10 00:00", "01-17 00:00", "01-24 00:00", "01-31 00:00"] },
            { "0 0 * * 7", ["01-03 00:00", "01-10 00:00", "01-17 00:00", "01-24 00:00", "01-31 00:00"] },
            { "0 0 * * 5-7", ["01-02 00:00", "01-03 00:00", "01-08 00:00", "01-09 00:00", "01-10 00:00"] },
            { "0 0 * * sat,Sun", ["01-02 00:00", "01-03 00:00", "01-09 00:00", "01-10 00:00", "01-16 00:00"] },
            { "0 12 * feb MON", ["02-01 12:00", "02-08 12:00", "02-15 12:00", "02-22 12:00", "2028-02-07 12:00"] },
            { "0 0 31 * *", ["01-31 00:00", "03-31 00:00", "05-31 00:00", "07-31 00:00", "08-31 00:00"] },
            { "15 3 29 2 *", ["2028-02-29 03:15", "2032-02-29 03:15", "2036-02-29 03:15", "2040-02-29 03:15", "2044-02-29 03:15"] },
            // Either day: the first of the month, and Mondays.
            { "0 2 1 * 1", ["01-01 02:00", "01-04 02:00", "01-11 02:00", "01-18 02:00", "01-25 02:00"] },
            { "0 2 13 * fri", ["01-01 02:00", "01-08 02:00", "01-13 02:00", "01-15 02:00", "01-22 02:00"] },
            { "  0   2 * *\t* ", ["01-01 02:00", "01-02 02:00", "01-03 02:00", "01-04 02:00", "01-05 02:00"] },
            { "@weekly", ["01-03 00:00", "01-10 00:00", "01-17 00:00", "01-24 00:00", "01-31 00:00"] },
            // Six and seven fields: seconds first, and Sunday is 1.
            { "30 0 2 * * ?", ["01-01 02:00:30", "01-02 02:00:30", "01-03 02:00:30", "01-04 02:00:30", "01-05 02:00:30"] },
            { "0 0 2 ? * 2", ["01-04 02:00", "01-11 02:00", "01-18 02:00", "01-25 02:00", "02-01 02:00"] },
            { "0 0 2 ? * 6L", ["01-29 02:00", "02-26 02:00", "03-26 02:00", "04-30 02:00", "05-28 02:00"] },
            { "0 0 2 L * ? 2027", ["01-31 02:00", "02-28 02:00", "03-31 02:00", "04-30 02:00", "05-31 02:00"] },
        };

    [Theory]
    [MemberData(nameof(Expressions))]
    public void An_expression_comes_to_these_starts(string cron, string[] starts)
    {
        var job = Job($"\"cron\": \"{cron.Replace("\t", "\\t")}\", \"timeZone\": \"UTC\"");

        Assert.Empty(ScheduleTimes.Check(job));
        Assert.Equal(
            starts.Select(start => Moment($"{(start.Length < 15 ? "2027-" : "")}{start} +00:00")),
            ScheduleTimes.Next(job, Moment("2027-01-01 00:00 +00:00"), 5)
        );
    }

    [Theory]
    [InlineData("61 2 * * *", "minutes")]
    [InlineData("*/0 2 * * *", "minutes")]
    [InlineData("0,,5 2 * * *", "minutes")]
    [InlineData("0 24 * * *", "hours")]
    [InlineData("0 2 0 * *", "day of the month")]
    [InlineData("0 2 * 13 *", "month")]
    // Quartz takes them, and fails when it looks for the next start, or starts at days that nobody meant.
    [InlineData("0 2 * 1-/5 *", "month")]
    [InlineData("0 2 7--1 * *", "day of the month")]
    [InlineData("0 2 31W7 * *", "day of the month")]
    [InlineData("/5 2 * * *", "minutes")]
    [InlineData("0 2 * janvier *", "month")]
    [InlineData("0 2 * * 8", "day of the week")]
    [InlineData("0 2 * * montag", "day of the week")]
    [InlineData("0 0 2 * * 8", "day of the week")]
    [InlineData("* * 2 * * ?", "seconds")]
    [InlineData("0 0 2 * * ? never", "year")]
    [InlineData("0 0 2 * * ? 2030-2027", "year")]
    public void A_mistake_is_told_with_its_field(string cron, string field)
    {
        var error = Assert.Single(ScheduleTimes.Check(Job($"\"cron\": \"{cron}\"")));

        Assert.Equal("$.schedule.cron", error.Path);
        Assert.Contains($"for the {field};", error.Message);
    }

    [Theory]
    [InlineData("0 2 * *", "has 4 fields; write five")]
    [InlineData("tonight", "has 1 field; write five")]
    [InlineData("@reboot", "there are @hourly")]
    [InlineData("0 2 30 2 *", "a date that does not exist")]
    // Either day with some cron programs, both with others.
    [InlineData("0 2 */2 * 1", "interpret differently")]
    [InlineData("0 2 1 * */2", "interpret differently")]
    [InlineData("0 0 2 31W * ?", "\"LW\" is the last weekday")]
    public void Whatever_else_is_wrong_is_told_in_words(string cron, string message)
    {
        var error = Assert.Single(ScheduleTimes.Check(Job($"\"cron\": \"{cron}\"")));

        Assert.Equal("$.schedule.cron", error.Path);
        Assert.Contains(message, error.Message);
    }

    [Fact]
    public void All_mistakes_are_told_at_once() => Assert.Equal(3, ScheduleTimes.Check(Job("\"cron\": \"60 24 * * mo\"")).Count);

    // Clocks go from 02:00 to 03:00 in spring, and from 03:00 (Berlin) or 02:00 (New York) an hour back in autumn.
    public static TheoryData<string, string, string, string[]> ClockChanges =>
        new()
        {
            // A time that does not exist: when the clocks are put forward. The next day it is right again.
            { "Europe/Berlin", "30 2 * * *", "2027-03-27 12:00 +01:00", ["2027-03-28 03:00 +02:00", "2027-03-29 02:30 +02:00"] },
            { "America/New_York", "30 2 * * *", "2027-03-13 12:00 -05:00", ["2027-03-14 03:00 -04:00", "2027-03-15 02:30 -04:00"] },
            // A time that exists twice: the first of the two only.
            { "Europe/Berlin", "30 2 * * *", "2027-10-30 12:00 +02:00", ["2027-10-31 02:30 +02:00", "2027-11-01 02:30 +01:00"] },
            { "America/New_York", "30 1 * * *", "2027-11-06 12:00 -04:00", ["2027-11-07 01:30 -04:00", "2027-11-08 01:30 -05:00"] },
            // 02:30 in New York exists once even then.
            { "America/New_York", "30 2 * * *", "2027-11-06 12:00 -04:00", ["2027-11-07 02:30 -05:00", "2027-11-08 02:30 -05:00"] },
            // What starts several times an hour goes on at its pace, through both hours.
            {
                "Europe/Berlin",
                "*/30 * * * *",
                "2027-03-28 01:15 +01:00",
                ["2027-03-28 01:30 +01:00", "2027-03-28 03:00 +02:00", "2027-03-28 03:30 +02:00"]
            },
            {
                "Europe/Berlin",
                "*/30 * * * *",
                "2027-10-31 02:15 +02:00",
                ["2027-10-31 02:30 +02:00", "2027-10-31 02:00 +01:00", "2027-10-31 02:30 +01:00", "2027-10-31 03:00 +01:00"]
            },
            {
                "America/New_York",
                "0 * * * *",
                "2027-11-07 00:30 -04:00",
                ["2027-11-07 01:00 -04:00", "2027-11-07 01:00 -05:00", "2027-11-07 02:00 -05:00"]
            },
            // A time that does not exist and one that the clocks are put forward to: one start.
            {
                "Europe/Berlin",
                "0 2,3 * * *",
                "2027-03-27 12:00 +01:00",
                ["2027-03-28 03:00 +02:00", "2027-03-29 02:00 +02:00", "2027-03-29 03:00 +02:00"]
            },
        };

    [Theory]
    [MemberData(nameof(ClockChanges))]
    public void Clock_changes_neither_lose_a_start_nor_double_it(string zone, string cron, string from, string[] starts) =>
        Assert.Equal(
            starts.Select(Moment),
            ScheduleTimes.Next(Job($"\"cron\": \"{cron}\", \"timeZone\": \"{zone}\""), Moment(from), starts.Length)
        );
}
