using Microsoft.Extensions.Time.Testing;
using Migrator.App.Formatting;
using Xunit;

namespace Migrator.Tests.Output;

public sealed class RateTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly Rate _rate;

    public RateTests() => _rate = new(_time, TimeSpan.FromSeconds(10));

    [Fact]
    public void Nothing_is_known_at_first()
    {
        Assert.Equal(0, _rate.PerSecond);
        _rate.Observe(0);
        _rate.Observe(100);
        Assert.Equal(0, _rate.PerSecond);
        Assert.Null(_rate.Eta(1));
        Assert.Equal(TimeSpan.Zero, _rate.Eta(0));
    }

    [Fact]
    public void Time_before_the_first_message_does_not_count()
    {
        for (var second = 0; second < 5; second++)
            After(1, 0);
        After(1, 50);
        Assert.Equal(50, _rate.PerSecond);
        Assert.Equal(TimeSpan.FromSeconds(3), _rate.Eta(101));
    }

    [Fact]
    public void Only_the_window_counts()
    {
        for (var second = 0; second <= 10; second++)
            After(1, 1000 * second);
        Assert.Equal(1000, _rate.PerSecond);
        for (var second = 1; second <= 5; second++)
            After(1, 10_000);
        Assert.Equal(500, _rate.PerSecond);
        for (var second = 1; second <= 5; second++)
            After(1, 10_000);
        Assert.Equal(0, _rate.PerSecond);
        Assert.Null(_rate.Eta(1));
    }

    [Fact]
    public void Observations_further_apart_than_the_window_still_give_a_rate()
    {
        After(0, 0);
        After(60, 600);
        After(60, 1800);
        Assert.Equal(20, _rate.PerSecond);
    }

    private void After(int seconds, long total)
    {
        _time.Advance(TimeSpan.FromSeconds(seconds));
        _rate.Observe(total);
    }
}
