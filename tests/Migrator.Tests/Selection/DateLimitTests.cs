using Migrator.Core.Selection;
using Xunit;

namespace Migrator.Tests.Selection;

public sealed class DateLimitTests
{
    private static readonly DateTimeOffset s_now = new(2026, 3, 31, 22, 15, 0, TimeSpan.FromHours(-5));

    [Theory]
    [InlineData("2026-01-31", "2026-01-31T00:00:00Z")]
    [InlineData("2026-01-31T08:30:00+02:00", "2026-01-31T06:30:00Z")]
    [InlineData("2026-01-31T08:30Z", "2026-01-31T08:30:00Z")]
    // It is the first of April in UTC by now.
    [InlineData("1d", "2026-03-31T00:00:00Z")]
    [InlineData("90d", "2026-01-01T00:00:00Z")]
    public void Days_times_and_ages_name_a_moment(string text, string moment) =>
        Assert.Equal(DateTimeOffset.Parse(moment, null), DateLimit.Parse(text)!.Value.Resolve(s_now));

    [Theory]
    [InlineData("")]
    [InlineData("0d")]
    [InlineData("36501d")]
    [InlineData("-1d")]
    [InlineData("90")]
    [InlineData("24h")]
    [InlineData("2026-02-30")]
    [InlineData("31.01.2026")]
    // Another moment on each machine.
    [InlineData("2026-01-31T08:30:00")]
    public void Anything_else_is_none(string text) => Assert.Null(DateLimit.Parse(text));

    [Fact]
    public void An_age_is_the_same_for_all_of_a_day() =>
        Assert.Single(
            Enumerable.Range(0, 24).Select(hour => DateLimit.Parse("2d")!.Value.Resolve(new(2026, 5, 5, hour, 59, 0, default))).Distinct()
        );
}
