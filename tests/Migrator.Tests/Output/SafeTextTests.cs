using Migrator.App.Formatting;
using Migrator.Tests.Reports;
using Xunit;

namespace Migrator.Tests.Output;

public sealed class SafeTextTests
{
    [Fact]
    public void A_terminal_gets_no_control_and_nothing_invisible()
    {
        foreach (var text in Samples.Hostile)
            Assert.DoesNotMatch("[\\p{Cc}\\p{Cf}\\u2028\\u2029\\ufe0f]", TextSanitizer.ForTerminal(text));
        Assert.Equal("�[2Jred � next", TextSanitizer.ForTerminal("\u001b[2Jred \u202e\nnext"));
        Assert.Equal("a  b", TextSanitizer.ForTerminal("a\r\nb"));
    }

    [Fact]
    public void A_page_keeps_joiners_but_nothing_that_turns_text()
    {
        Assert.Equal("👨‍👩‍👧‍👦 ☎\ufe0f", TextSanitizer.ForPage("👨‍👩‍👧‍👦 ☎\ufe0f"));
        Assert.Equal("�gpj.exe", TextSanitizer.ForPage("\u202egpj.exe"));
    }

    [Fact]
    public void Fitted_text_keeps_both_ends_and_never_exceeds_its_columns()
    {
        Assert.Equal("Arch…Clients", TextSanitizer.Fit("Archive/2019/Clients", 12));
        foreach (var text in Samples.Hostile.Select(TextSanitizer.ForTerminal))
            for (var columns = 0; columns < 12; columns++)
            {
                Assert.True(TextSanitizer.Width(TextSanitizer.Fit(text, columns)) <= columns, $"{text} in {columns}");
                Assert.Equal(columns, TextSanitizer.Width(TextSanitizer.Pad(text, columns)));
            }
    }
}
