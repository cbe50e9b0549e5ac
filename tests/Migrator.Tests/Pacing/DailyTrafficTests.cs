using Migrator.Core.Pacing;
using Xunit;

namespace Migrator.Tests.Pacing;

/// <summary>What a daily limit lets through.</summary>
public sealed class DailyTrafficTests
{
    private const long Limit = 1000;

    private static readonly DateTimeOffset s_now = new(2026, 3, 4, 12, 5, 0, TimeSpan.Zero);

    [Fact]
    public void Bytes_count_until_a_day_after_the_end_of_their_slot()
    {
        var traffic = Of((s_now, 600));

        Assert.Equal([600L, 600L, 0L], new[] { 0, 23 * 60, (24 * 60) + 5 }.Select(minutes => traffic.Used(s_now.AddMinutes(minutes))));
    }

    [Fact]
    public void What_is_larger_than_the_limit_goes_alone()
    {
        Assert.True(Of().Admits(5000, Limit, s_now));
        Assert.False(Of((s_now, 1)).Admits(5000, Limit, s_now));
        Assert.Equal(s_now.AddHours(24).AddMinutes(5), Of((s_now, 1)).NextStart(5000, Limit, s_now));
    }

    [Fact]
    public void It_goes_on_when_a_tenth_of_the_limit_is_free_and_enough_for_what_comes()
    {
        var traffic = Of((s_now.AddHours(-20), 50), (s_now.AddHours(-10), 60), (s_now, 890));

        Assert.Equal(s_now.AddHours(14).AddMinutes(5), traffic.NextStart(1, Limit, s_now));
        Assert.Equal(s_now.AddHours(24).AddMinutes(5), traffic.NextStart(200, Limit, s_now));
    }

    /// <summary>Whatever was transferred before: the forecast is when a run that transfers as soon as it may is done.</summary>
    [Fact]
    public void A_forecast_is_what_comes_to_pass()
    {
        var random = new Random(20261128);
        for (var round = 0; round < 200; round++)
        {
            var earlier = Enumerable
                .Range(0, random.Next(20))
                .Select(_ => (s_now.AddMinutes(-random.Next(1500)), (long)random.Next(100)))
                .ToArray();
            var (bytes, now, traffic) = ((long)random.Next(1, 8000), s_now, Of(earlier));
            var forecast = Of(earlier).Forecast(bytes, Limit, s_now);

            for (var left = bytes; left > 0; )
            {
                if (!traffic.Admits(1, Limit, now))
                    now = traffic.NextStart(1, Limit, now);
                traffic.Add(new TrafficSlot(TrafficSlot.At(now), 1));
                left--;
                Assert.InRange(traffic.Used(now), 0, Limit);
            }

            Assert.Equal(now, forecast);
        }
    }

    private static DailyTraffic Of(params IEnumerable<(DateTimeOffset At, long Bytes)> traffic) =>
        new(traffic.Select(some => new TrafficSlot(TrafficSlot.At(some.At), some.Bytes)));
}
