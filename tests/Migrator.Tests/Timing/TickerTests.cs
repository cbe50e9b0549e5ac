using Migrator.Core.Timing;
using Xunit;

namespace Migrator.Tests.Timing;

public sealed class TickerTests
{
    [Fact]
    public async Task It_ticks_until_it_is_ended_and_then_throws_nothing()
    {
        using var ended = new CancellationTokenSource();
        var ticker = new Ticker(TimeSpan.FromMilliseconds(1), TimeProvider.System);

        Assert.True(await ticker.NextAsync(ended.Token));
        Assert.True(await ticker.NextAsync(ended.Token));
        var waiting = new Ticker(TimeSpan.FromDays(1), TimeProvider.System).NextAsync(ended.Token);
        Assert.False(waiting.IsCompleted);
        await ended.CancelAsync();

        Assert.False(await waiting);
        Assert.False(await ticker.NextAsync(ended.Token));
    }

    [Fact]
    public async Task Ticks_that_were_missed_are_one()
    {
        var clock = new Clock();
        var ticker = new Ticker(TimeSpan.FromSeconds(10), clock);
        clock.Now += TimeSpan.FromSeconds(35);

        Assert.True(await ticker.NextAsync(CancellationToken.None));
        Assert.False(ticker.NextAsync(CancellationToken.None).IsCompleted);
        clock.Now += TimeSpan.FromSeconds(10);
        Assert.True(await ticker.NextAsync(CancellationToken.None));
    }

    /// <summary>Whose timers never end.</summary>
    private sealed class Clock : TimeProvider
    {
        public TimeSpan Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            System.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, period);
    }
}
