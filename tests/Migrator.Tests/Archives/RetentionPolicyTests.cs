using Migrator.Core.Archives;
using Xunit;

namespace Migrator.Tests.Archives;

/// <summary>Which snapshots stay.</summary>
public sealed class RetentionPolicyTests
{
    private static readonly RetentionPolicy s_nothing = new(0, 0, 0, 0, 0);
    private static readonly DateTimeOffset s_now = new(2027, 1, 1, 0, 0, 0, TimeSpan.Zero),
        s_end = new(2024, 12, 31, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void The_newest_stays_whatever_the_policy_says()
    {
        Assert.True(s_nothing.KeepsNothing);
        Assert.Empty(s_nothing.Keep(new SnapshotHistory([], s_now)));
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
    [InlineData(
        0,
        3,
        0,
        0,
        0,
        "2026-01-01 p,+2026-01-02 01:00 p,+2026-01-03 01:00,2026-01-03 02:00 p,+2026-01-04 01:00,+2026-01-04 02:00 p"
    )]
    // What was written on the way goes, and counts for nothing.
    [InlineData(2, 2, 0, 0, 0, "2026-01-01 i,+2026-01-02,2026-01-03 i,2026-01-04 01:00 i,+2026-01-04 02:00")]
    public void What_stays(int last, int daily, int weekly, int monthly, int yearly, string snapshots)
    {
        var names = snapshots.Split(',');
        Assert.Equal(
            names.Where(name => name[0] == '+').Select(name => name[1..]),
            Kept(new RetentionPolicy(last, daily, weekly, monthly, yearly), [.. names.Select(name => name.TrimStart('+'))])
        );
    }

    [Fact]
    public void Who_prunes_every_day_keeps_as_much_as_who_prunes_once()
    {
        var policy = new RetentionPolicy(1, 7, 5, 12, 2);
        var all = Enumerable
            .Range(0, 1000)
            .Select(day =>
                Name($"{day}", day + 1, new DateTimeOffset(2024, 1, 1, 3, 0, 0, TimeSpan.Zero).AddDays(day), SnapshotState.Complete)
            )
            .ToList();
        var daily = new List<SnapshotName>();
        foreach (var snapshot in all)
        {
            daily.Add(snapshot);
            var keep = policy.Keep(new SnapshotHistory(daily, s_now));
            daily.RemoveAll(old => !keep.Contains(old));
        }

        Assert.Equal(policy.Keep(new SnapshotHistory(all, s_now)).OrderBy(name => name.Sequence), daily);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(-400)]
    [InlineData(-20_000)]
    public void One_night_with_a_wrong_clock_costs_no_other_night(int days)
    {
        var policy = new RetentionPolicy(1, 30, 10, 12, 2);
        var right = Enumerable
            .Range(0, 365)
            .Select(day =>
                Name($"{day}", day + 1, new DateTimeOffset(2024, 1, 1, 3, 0, 0, TimeSpan.Zero).AddDays(day), SnapshotState.Complete)
            )
            .ToList();
        var expected = policy.Keep(new SnapshotHistory(right, s_end)).Select(name => name.Sequence).ToHashSet();
        for (var wrong = 0; wrong < right.Count; wrong += 7)
        {
            List<SnapshotName> names = [.. right];
            names[wrong] = names[wrong] with { Time = names[wrong].Time.AddDays(days) };

            var kept = policy.Keep(new SnapshotHistory(names, s_end)).Select(name => name.Sequence).ToHashSet();

            // What the wrong one would have stood for, its neighbour stands for.
            Assert.True(
                expected.Except(kept).All(sequence => Math.Abs(sequence - (wrong + 1)) <= 1),
                $"night {wrong}: {string.Join(' ', expected.Except(kept))}"
            );
        }
    }

    [Theory]
    [InlineData(400)]
    [InlineData(-400)]
    public void A_day_finds_its_snapshot_whatever_the_clock_of_one_night_said(int days)
    {
        var times = Enumerable.Range(0, 10).Select(day => new DateTimeOffset(2026, 1, 1, 3, 0, 0, TimeSpan.Zero).AddDays(day)).ToList();
        var names = times
            .Select((time, index) => Name($"{index}", index + 1, index == 4 ? time.AddDays(days) : time, SnapshotState.Complete))
            .ToList();

        var history = new SnapshotHistory(names, s_now);

        foreach (var index in new[] { 0, 1, 2, 5, 6, 9 })
            Assert.Equal(names[index], history.At(times[index]));
        // The night itself counts as the one before it.
        Assert.Equal(names[4], history.At(times[3]));
        Assert.Null(history.At(times[0].AddHours(-1)));
    }

    [Fact]
    public void A_newest_snapshot_that_is_later_than_now_is_said()
    {
        var now = new DateTimeOffset(2026, 1, 1, 3, 0, 0, TimeSpan.Zero);

        Assert.Null(new SnapshotHistory([Name("a", 1, now.AddMinutes(5), SnapshotState.Complete)], now).Ahead(now));
        Assert.Contains("later than now", new SnapshotHistory([Name("a", 1, now.AddDays(400), SnapshotState.Complete)], now).Ahead(now));
    }

    private static SnapshotName Name(string name, long sequence, DateTimeOffset time, SnapshotState state) =>
        new(name, "m", sequence, time, state, name);

    /// <summary>"p" is a partial one, "i" one that was written on the way.</summary>
    private static IEnumerable<string> Kept(RetentionPolicy policy, params string[] names)
    {
        var keep = policy.Keep(
            new SnapshotHistory(
                [
                    .. names.Select(
                        (name, index) =>
                            Name(
                                name,
                                index + 1,
                                DateTimeOffset.Parse(
                                    name.TrimEnd('p', 'i', ' '),
                                    null,
                                    System.Globalization.DateTimeStyles.AssumeUniversal
                                ),
                                name[^1] switch
                                {
                                    'p' => SnapshotState.Partial,
                                    'i' => SnapshotState.InProgress,
                                    _ => SnapshotState.Complete,
                                }
                            )
                    ),
                ],
                s_now
            )
        );
        return keep.OrderBy(name => name.Sequence).Select(name => name.Name);
    }
}
