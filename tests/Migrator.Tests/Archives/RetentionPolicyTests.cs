using Migrator.Core.Archives;
using Xunit;

namespace Migrator.Tests.Archives;

/// <summary>Which snapshots stay.</summary>
public sealed class RetentionPolicyTests
{
    private static readonly RetentionPolicy s_nothing = new(0, 0, 0, 0, 0);

    [Fact]
    public void The_newest_stays_whatever_the_policy_says()
    {
        Assert.True(s_nothing.KeepsNothing);
        Assert.Empty(s_nothing.Keep([]));
        Assert.Equal(["2026-01-03"], Kept(s_nothing, "2026-01-01", "2026-01-02", "2026-01-03"));
    }

    [Fact]
    public void What_is_not_complete_takes_the_place_of_no_complete_one()
    {
        Assert.Equal(["2026-01-02", "2026-01-03 i"], Kept(s_nothing, "2026-01-01", "2026-01-02", "2026-01-03 i"));
        Assert.Equal(["2026-01-02", "2026-01-04 p"], Kept(new(1, 1, 1, 1, 1), "2026-01-01", "2026-01-02", "2026-01-03 p", "2026-01-04 p"));
        Assert.Equal(["2026-01-04 p"], Kept(s_nothing, "2026-01-03 p", "2026-01-04 p"));
    }

    [Theory]
    // The last ones, however close together.
    [InlineData(2, 0, 0, 0, 0, "2026-01-01 01:00,+2026-01-01 02:00,+2026-01-01 03:00")]
    // The newest of each day; days without one do not count.
    [InlineData(0, 2, 0, 0, 0, "2026-01-01,2026-01-05 01:00,+2026-01-05 23:59,2026-01-09 00:00,+2026-01-09 00:01")]
    // Weeks begin on Monday: 2026-01-04 is a Sunday. The week of New Year is one.
    [InlineData(0, 0, 3, 0, 0, "2025-12-28,2025-12-29,2026-01-01,+2026-01-04,+2026-01-05,2026-01-12,+2026-01-18")]
    [InlineData(0, 0, 0, 2, 0, "2025-12-31,2026-01-01,+2026-01-31,+2026-02-01")]
    [InlineData(0, 0, 0, 0, 2, "2023-06-01,2024-01-01,+2024-12-31,2026-01-01,+2026-12-31")]
    // One snapshot serves several periods; what is written in UTC is counted in UTC.
    [InlineData(1, 1, 1, 1, 1, "2026-03-01,2026-03-02,+2026-03-31 23:59")]
    // Of a day the newest complete one; a partial one where there is no other. But the newest of all stays.
    [InlineData(0, 3, 0, 0, 0, "2026-01-01 p,+2026-01-02 01:00 p,+2026-01-03 01:00,2026-01-03 02:00 p,+2026-01-04 01:00,+2026-01-04 02:00 p")]
    // What was written on the way goes, and counts for nothing.
    [InlineData(2, 2, 0, 0, 0, "2026-01-01 i,+2026-01-02,2026-01-03 i,2026-01-04 01:00 i,+2026-01-04 02:00")]
    public void What_stays(int last, int daily, int weekly, int monthly, int yearly, string snapshots)
    {
        var names = snapshots.Split(',');
        Assert.Equal(names.Where(name => name[0] == '+').Select(name => name[1..]), Kept(new RetentionPolicy(last, daily, weekly, monthly, yearly), [.. names.Select(name => name.TrimStart('+'))]));
    }

    [Fact]
    public void Who_prunes_every_day_keeps_as_much_as_who_prunes_once()
    {
        var policy = new RetentionPolicy(1, 7, 5, 12, 2);
        var all = Enumerable.Range(0, 1000).Select(day => new DateTimeOffset(2024, 1, 1, 3, 0, 0, TimeSpan.Zero).AddDays(day)).Select(time => (Name: new SnapshotName($"{time:yyyyMMdd}", "m", time), SnapshotState.Complete)).ToList();
        var daily = new List<(SnapshotName Name, SnapshotState State)>();
        foreach (var snapshot in all)
        {
            daily.Add(snapshot);
            var keep = policy.Keep(daily);
            daily.RemoveAll(old => !keep.Contains(old.Name));
        }

        Assert.Equal(policy.Keep(all).OrderBy(name => name.Time), daily.Select(snapshot => snapshot.Name));
    }

    /// <summary>"p" is a partial one, "i" one that was written on the way.</summary>
    private static IEnumerable<string> Kept(RetentionPolicy policy, params string[] names)
    {
        var keep = policy.Keep([.. names.Select(name => (
            new SnapshotName(name, "m", DateTimeOffset.Parse(name.TrimEnd('p', 'i', ' '), null, System.Globalization.DateTimeStyles.AssumeUniversal)),
            name[^1] switch { 'p' => SnapshotState.Partial, 'i' => SnapshotState.InProgress, _ => SnapshotState.Complete }))]);
        return keep.OrderBy(name => name.Time).Select(name => name.Name);
    }
}
