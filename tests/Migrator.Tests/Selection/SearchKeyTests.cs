using Migrator.Core.Selection;
using Xunit;

namespace Migrator.Tests.Selection;

public sealed class SearchKeyTests
{
    [Theory]
    [InlineData("FROM ann")]
    [InlineData("OR (FROM \"a(b\") NOT SUBJECT \"x \\\" {5} y\"")]
    [InlineData("X-GM-RAW \"has:attachment\"")]
    public void A_search_key_can_be_sent(string key) => Assert.Null(SearchKey.Fault(key));

    [Theory]
    [InlineData("FROM ann\r\nx DELETE INBOX")]
    [InlineData("FROM {3}")]
    [InlineData("FROM ann) OR (ALL")]
    [InlineData("(FROM ann")]
    [InlineData("FROM \"ann")]
    [InlineData("FROM \"ann\\\"")]
    [InlineData("SUBJECT Grüße")]
    [InlineData("CHARSET UTF-8 FROM ann")]
    [InlineData("return (COUNT) ALL")]
    [InlineData("  ")]
    public void What_would_be_another_command_or_none_is_refused(string key) => Assert.NotNull(SearchKey.Fault(key));

    [Fact]
    public void A_line_has_an_end() => Assert.NotNull(SearchKey.Fault("FROM " + new string('a', 1000)));
}
