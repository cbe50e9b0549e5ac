using Microsoft.Extensions.Time.Testing;
using Migrator.Core.Timing;
using Xunit;

namespace Migrator.Tests.Timing;

public sealed class TickerTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task It_ticks_until_it_is_ended_and_then_throws_nothing()
    {
        using var ended = new CancellationTokenSource();
        using var ticker = new Ticker(TimeSpan.FromSeconds(10), _time);

        var first = ticker.NextAsync(ended.Token);
        Assert.False(first.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.True(await first);
        var second = ticker.NextAsync(ended.Token);
        await ended.CancelAsync();

        Assert.False(await second);
        Assert.False(await ticker.NextAsync(ended.Token));
    }

    [Fact]
    public async Task Ticks_that_were_missed_are_one()
    {
        using var ticker = new Ticker(TimeSpan.FromSeconds(10), _time);
        _time.Advance(TimeSpan.FromSeconds(35));

        Assert.True(await ticker.NextAsync(CancellationToken.None));
        var next = ticker.NextAsync(CancellationToken.None);
        Assert.False(next.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.True(await next);
    }
}
