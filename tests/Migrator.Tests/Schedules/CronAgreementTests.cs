using Migrator.App.Jobs;
using Quartz;
using Xunit;

namespace Migrator.Tests.Schedules;

/// <summary>The command line reads cron expressions with one library and the service starts jobs with another: what the first shows, the
/// second does.</summary>
public sealed class CronAgreementTests
{
    private static readonly string[] s_zones = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"];

    private static readonly string[][] s_members =
    [
        ["0", "30"],
        ["0", "30", "*", "*/20", "5/25", "10-20", "50-10/5", "1,31"],
        ["0", "2", "3", "*", "*/5", "1-4", "22-2", "1,2,3", "1/2"],
        ["*", "?", "1", "15", "31", "1-7", "28-3", "*/10", "1/9", "L", "L-3", "LW", "L-2W", "1W", "15W", "L,15", "1W,20,L"],
        ["*", "1", "3,10", "nov-feb", "*/3", "2/5", "mar-apr"],
        ["*", "?", "1", "5", "2-6", "6-2", "fri-mon", "2/2", "mon/2", "*/3", "3L", "2#1", "6#5", "wed#3", "7", "sun,sat", "1,3,5", "L"],
        ["*", "2026-2030", "2027", "*/2", "2027/3", "2026,2029"],
    ];

    [Fact]
    public void Both_libraries_come_to_the_same_starts()
    {
        var random = new Random(17);
        var compared = 0;
        for (var jobRun = 0; jobRun < 3000; jobRun++)
        {
            var isUnix = jobRun % 3 == 0;
            var fields = s_members.Select(members => members[random.Next(members.Length)]).ToArray();
            var cron = string.Join(
                ' ',
                isUnix ? fields[1..6]
                    : jobRun % 3 == 1 ? fields[..6]
                    : fields
            );
            if (Cron.Mistakes(cron).Count > 0)
                continue;
            var zone = TimeZoneInfo.FindSystemTimeZoneById(s_zones[random.Next(s_zones.Length)]);
            var from = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).AddMinutes(random.Next(2 * 365 * 24 * 60));
            var (mine, theirs) = (
                CronSchedule.Parse(cron),
                CronExpression.Parse(cron, isUnix ? CronFormat.Unix : CronFormat.Quartz).WithTimeZone(zone)
            );
            for (var start = 0; start < 8; start++)
            {
                var (next, expected) = (mine.Next(from, zone), theirs.GetNextValidTimeAfter(from));
                Assert.True(next == expected, $"{cron} in {zone.Id} after {from:u}: {next:u}, not {expected:u}.");
                compared++;
                if (next is null)
                    break;
                from = next.Value;
            }
        }
        Assert.InRange(compared, 5000, int.MaxValue);
    }

    [Theory]
    [InlineData("@hourly")]
    [InlineData("@daily")]
    [InlineData("@midnight")]
    [InlineData("@weekly")]
    [InlineData("@monthly")]
    [InlineData("@yearly")]
    [InlineData("@annually")]
    public void Both_know_the_same_names(string name)
    {
        var from = new DateTimeOffset(2026, 3, 29, 0, 30, 0, TimeSpan.Zero);
        var zone = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");

        Assert.Empty(Cron.Mistakes(name));
        Assert.Equal(CronExpression.Parse(name).WithTimeZone(zone).GetNextValidTimeAfter(from), CronSchedule.Parse(name).Next(from, zone));
    }
}
