using Migrator.App.Health;
using Migrator.Core.JobRuns;
using Migrator.Core.Jobs;
using Xunit;
using static Migrator.Tests.Telemetry.Jobs;

namespace Migrator.Tests.Execution;

public sealed class OverduePolicyTests
{
    private static readonly DateTimeOffset s_now = new(2026, 3, 4, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan s_hour = TimeSpan.FromHours(1);

    [Theory]
    [InlineData(24, null, 48)]
    [InlineData(24, 30, 30)]
    [InlineData(null, 30, 30)]
    [InlineData(null, null, null)]
    public void The_limit_is_the_jobs_own_or_twice_its_usual_distance(int? every, int? overdueAfter, int? limit) =>
        Assert.Equal(limit * s_hour, OverduePolicy.BySimpleSchedules.Limit(Job("j", every * s_hour, overdueAfter * s_hour, "ann")));

    [Fact]
    public void A_schedule_of_which_nobody_knows_the_distance_makes_nobody_overdue()
    {
        var once = Job("j", mailboxes: ["ann"]) with
        {
            Schedule = new Schedule(null, null, new DateTime(2026, 1, 1), TimeZoneInfo.Utc, TimeSpan.Zero, MisfirePolicy.RunOnce, null),
        };

        Assert.Empty(new OverduePolicy(_ => null).Of(once, [Run("j", "ann", MailboxRunState.Failed, s_now.AddDays(-60))], [], s_now));
    }

    [Fact]
    public void Late_is_who_was_good_too_long_ago_or_never()
    {
        var job = Job("j", null, 24 * s_hour, "good", "edge", "old", "never", "young", "new");

        var late = OverduePolicy.BySimpleSchedules.Of(
            job,
            [
                Run("j", "good", MailboxRunState.Failed, s_now, s_now - s_hour),
                Run("j", "edge", MailboxRunState.Failed, s_now, s_now - (24 * s_hour)),
                Run("j", "old", MailboxRunState.Running, s_now, s_now - (25 * s_hour)),
                Run("j", "never", MailboxRunState.Waiting, s_now - (30 * s_hour)),
                Run("j", "young", MailboxRunState.Failed, s_now - s_hour),
                Run("j", "gone", MailboxRunState.Failed, s_now - (99 * s_hour)),
            ],
            [],
            s_now
        );

        Assert.Equal([new("never", null, s_now - (30 * s_hour)), new("old", s_now - (25 * s_hour), s_now - (25 * s_hour))], late);
    }
}
