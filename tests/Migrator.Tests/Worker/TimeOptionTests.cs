using Microsoft.Extensions.Time.Testing;
using Migrator.Cli.Commands;
using Xunit;

namespace Migrator.Tests.Worker;

/// <summary>Points in time as people type them.</summary>
public sealed class TimeOptionTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 27, 12, 0, 0, TimeSpan.Zero));

    public TimeOptionTests() => _time.SetLocalTimeZone(TimeZoneInfo.Utc);

    [Theory]
    [InlineData("yesterday", "2026-11-26")]
    [InlineData("Today", "2026-11-27")]
    [InlineData("2026-11-24", "2026-11-24")]
    [InlineData("2026-11-24T08:00Z", "2026-11-24T08:00:00+00:00")]
    [InlineData("2026-11-24 08:00+01:00", "2026-11-24T08:00:00+01:00")]
    [InlineData("3d", "2026-11-24T12:00:00+00:00")]
    [InlineData("365d", "2025-11-27T12:00:00+00:00")]
    [InlineData("6h", "2026-11-27T06:00:00+00:00")]
    [InlineData("latest", "latest")]
    [InlineData("4f0c2a91", "4f0c2a91")]
    [InlineData("20261124", "20261124")]
    [InlineData("2026-13-45", null)]
    [InlineData("2026-02-30", null)]
    [InlineData("24.11.2026", null)]
    [InlineData("noon", null)]
    [InlineData("3.5", null)]
    [InlineData("3w", null)]
    public void A_snapshot_is_named_by_a_day_a_time_or_an_ID(string text, string? meant) => Assert.Equal(meant, TimeOption.At(text, _time));

    [Fact]
    public void A_time_without_an_offset_is_local()
    {
        var local = new DateTimeOffset(new DateTime(2026, 11, 24, 18, 0, 0, DateTimeKind.Local));

        Assert.Equal(local, TimeOption.Since("2026-11-24 18:00", _time));
        Assert.Equal(local.AddHours(-18), TimeOption.Since("2026-11-24", _time));
        Assert.Null(TimeOption.Since("latest", _time));
    }
}
