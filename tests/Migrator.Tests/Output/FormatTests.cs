using Migrator.App.Formatting;
using Xunit;

namespace Migrator.Tests.Output;

public sealed class FormatTests
{
    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(512, "512 B")]
    [InlineData(1023, "1023 B")]
    [InlineData(1024, "1.0 KiB")]
    [InlineData(1536, "1.5 KiB")]
    [InlineData(102_399, "100 KiB")]
    [InlineData(1_048_575, "1.0 MiB")]
    [InlineData(326_107_136, "311 MiB")]
    [InlineData(long.MaxValue, "8.0 EiB")]
    public void Sizes(long bytes, string text) => Assert.Equal(text, Format.Size(bytes));

    [Theory]
    [InlineData(0.2, "less than 1 s")]
    [InlineData(20, "20 s")]
    [InlineData(200, "3 min 20 s")]
    [InlineData(7_520, "2 h 5 min")]
    [InlineData(273_600, "3 d 4 h")]
    public void Durations(double seconds, string text) => Assert.Equal(text, Format.Duration(TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData(0, 0, 100)]
    [InlineData(0, 10, 0)]
    [InlineData(99_999, 100_000, 99)]
    [InlineData(10, 10, 100)]
    public void Percent_is_100_only_at_the_end(long done, long expected, int percent) =>
        Assert.Equal(percent, Format.Percent(done, expected));

    [Fact]
    public void Rates_and_counts() =>
        Assert.Equal(
            ("0/s", "0.4/s", "10/s", "12,345/s", "1 message", "1,234 messages"),
            (
                Format.PerSecond(0),
                Format.PerSecond(0.42),
                Format.PerSecond(9.96),
                Format.PerSecond(12345.4),
                Format.Count(1, "message"),
                Format.Count(1234, "message")
            )
        );
}
