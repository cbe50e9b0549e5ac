using Migrator.App.Formatting;
using Xunit;

namespace Migrator.Tests.Output;

/// <summary>Sentences on a terminal: words stay whole.</summary>
public sealed class WordWrapTests
{
    [Theory]
    [InlineData("What fits stays as  it is.", 26, "What fits stays as  it is.")]
    [InlineData("What does not fit goes on below.", 20, "What does not fit|goes on below.")]
    [InlineData("    So does what is indented, as far.", 30, "    So does what is indented,|    as far.")]
    [InlineData("See /a/path/that/is/longer/than/a/line for more.", 20, "See|/a/path/that/is/longer/than/a/line|for more.")]
    [InlineData("/a/path/that/is/longer/than/a/line", 20, "/a/path/that/is/longer/than/a/line")]
    [InlineData("    /a/path/that/is/longer/than/a/line", 20, "    /a/path/that/is/longer/than/a/line")]
    [InlineData("First line.\nThe second one is long.", 20, "First line.|The second one is|long.")]
    [InlineData("文字は二桁です 文字は二桁です", 20, "文字は二桁です|文字は二桁です")]
    public void Lines_are_broken_between_words(string text, int width, string lines) =>
        Assert.Equal(lines.Split('|'), WordWrap.Text(text, width).Split('\n'));

    [Fact]
    public void What_does_not_fit_can_hang() =>
        Assert.Equal("  1  One entry of a list\n     that is long.", WordWrap.Text("  1  One entry of a list that is long.", 25, 5));
}
