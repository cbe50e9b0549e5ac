using Microsoft.Extensions.Time.Testing;
using Migrator.App.Jobs;
using Migrator.Core.Failures;
using Migrator.Core.Jobs;
using Migrator.Service.Schedules;
using Quartz;
using Quartz.Extensibility;
using Xunit;
using static Migrator.Tests.Schedules.Definitions;

namespace Migrator.Tests.Schedules;

public sealed class ScheduleTriggersTests
{
    [Fact]
    public void An_interval_is_counted_from_the_same_moment_on_every_worker_and_after_every_restart()
    {
        var job = Job("\"every\": \"6h\"");

        Assert.Equal(
            [Moment("2027-01-01 12:00 +00:00"), Moment("2027-01-01 18:00 +00:00")],
            ScheduleTimes.Next(job, Moment("2027-01-01 07:13:20 +00:00"), 2)
        );
        Assert.Equal([Moment("2027-01-01 12:00 +00:00")], ScheduleTimes.Next(job, Moment("2027-01-01 11:59:59.9999999 +00:00"), 1));
        Assert.Equal([Moment("2027-01-01 18:00 +00:00")], ScheduleTimes.Next(job, Moment("2027-01-01 12:00 +00:00"), 1));
    }

    [Fact]
    public void An_interval_is_not_stretched_by_a_clock_change() =>
        Assert.Equal(
            [
                Moment("2027-03-27 23:00 +00:00"),
                Moment("2027-03-28 00:00 +00:00"),
                Moment("2027-03-28 01:00 +00:00"),
                Moment("2027-03-28 02:00 +00:00"),
            ],
            ScheduleTimes.Next(Job("\"every\": \"1h\", \"timeZone\": \"Europe/Berlin\""), Moment("2027-03-27 22:30 +00:00"), 4)
        );

    [Theory]
    [InlineData("Europe/Berlin", "2027-01-31T22:00", "2027-01-31 22:00 +01:00")]
    [InlineData("Europe/Berlin", "2027-07-31T22:00", "2027-07-31 22:00 +02:00")]
    [InlineData("America/New_York", "2027-01-31 22:00", "2027-01-31 22:00 -05:00")]
    [InlineData("Europe/Berlin", "2027-03-28T02:30", "2027-03-28 03:00 +02:00")]
    [InlineData("Europe/Berlin", "2027-10-31T02:30", "2027-10-31 02:30 +02:00")]
    public void A_one_off_is_at_its_moment_by_the_clocks_of_its_zone(string zone, string at, string moment)
    {
        var job = Job($"\"at\": \"{at}\", \"timeZone\": \"{zone}\"");

        Assert.Equal([Moment(moment)], ScheduleTimes.Next(job, Moment("2000-01-01 00:00 +00:00"), 5));
        Assert.Empty(ScheduleTimes.Next(job, Moment(moment), 5));
    }

    [Theory]
    [InlineData("0001-01-01T00:00", "Europe/Berlin")]
    [InlineData("9999-12-31T23:59", "America/New_York")]
    public void A_one_off_at_the_ends_of_time_is_refused(string at, string zone) =>
        Assert.Equal(
            "$.schedule.at",
            Assert.Single(Assert.Throws<ConfigurationException>(() => Job($"\"at\": \"{at}\", \"timeZone\": \"{zone}\"")).Errors).Path
        );

    [Theory]
    [InlineData("run", "2027-01-31 21:59 +00:00", true)]
    [InlineData("skip", "2027-01-31 21:59 +00:00", true)]
    [InlineData("run", "2027-02-01 21:59 +00:00", true)]
    [InlineData("run", "2027-02-01 22:01 +00:00", false)]
    [InlineData("skip", "2027-01-31 22:01 +00:00", false)]
    public void A_one_off_that_was_past_when_its_file_came_is_made_up_for_within_a_day(string misfire, string now, bool made) =>
        Assert.Equal(
            made,
            ScheduleTriggers.Of(
                Job($"\"at\": \"2027-01-31T22:00\", \"timeZone\": \"UTC\", \"misfire\": \"{misfire}\""),
                new FakeTimeProvider(Moment(now))
            )
                is not null
        );

    [Theory]
    [InlineData("\"cron\": \"30 2 * * *\"")]
    [InlineData("\"cron\": \"0 2 1 * 1\"")]
    [InlineData("\"every\": \"45m\"")]
    [InlineData("\"at\": \"2027-03-28T02:30\"")]
    public void The_trigger_fires_when_Next_says(string schedule)
    {
        var time = new FakeTimeProvider(Moment("2027-03-27 12:34:56 +00:00"));
        var job = Job($"{schedule}, \"timeZone\": \"Europe/Berlin\"");
        var trigger = Assert.IsType<IOperableTrigger>(ScheduleTriggers.Of(job, time), exactMatch: false);

        var fires = new List<DateTimeOffset>();
        for (var fire = trigger.ComputeFirstFireTimeUtc(null); fire is not null && fires.Count < 5; fire = trigger.GetFireTimeAfter(fire))
            fires.Add(fire.Value);

        Assert.Equal(ScheduleTimes.Next(job, time.GetUtcNow(), 5), fires);
    }

    [Fact]
    public void Without_a_time_a_job_is_started_by_people_only()
    {
        Assert.Empty(ScheduleTimes.Next(Job(null), DateTimeOffset.UnixEpoch, 1));
        Assert.Empty(ScheduleTimes.Next(Job("\"window\": \"20:00-06:00\""), DateTimeOffset.UnixEpoch, 1));
        Assert.Null(ScheduleTriggers.Of(Job("\"window\": \"20:00-06:00\""), TimeProvider.System));
    }

    [Fact]
    public void Only_what_decides_when_it_starts_makes_another_schedule_of_it()
    {
        var fingerprint = Print("\"every\": \"1h\", \"timeZone\": \"UTC\"");

        Assert.Equal(
            fingerprint,
            Print("\"every\": \"60m\", \"timeZone\": \"UTC\", \"misfire\": \"run\", \"window\": \"20:00-06:00\", \"jitter\": \"5m\"")
        );
        Assert.NotEqual(fingerprint, Print("\"every\": \"1h\", \"timeZone\": \"UTC\", \"misfire\": \"skip\""));
        Assert.NotEqual(fingerprint, Print("\"every\": \"1h\", \"timeZone\": \"Europe/Berlin\""));
        Assert.NotEqual(fingerprint, Print("\"every\": \"2h\", \"timeZone\": \"UTC\""));
        Assert.NotEqual(fingerprint, Print("\"cron\": \"0 * * * *\", \"timeZone\": \"UTC\""));

        static string Print(string schedule) => ScheduleTriggers.FingerprintOf(Job(schedule).Schedule);
    }
}
