using System.Text.RegularExpressions;
using Migrator.App.Formatting;
using Migrator.App.Reports;
using Migrator.Core.Reports;
using Xunit;

namespace Migrator.Tests.Reports;

public sealed class ReportPageTests
{
    private static readonly ReportPage s_page = new(
        TimeZoneInfo.CreateCustomTimeZone("Test/Half past", TimeSpan.FromMinutes(90), null, null)
    );

    [Fact]
    public void Hostile_text_is_only_ever_text()
    {
        var page = s_page.Of(Samples.Run() with { Job = "</title><script>alert(1)</script>", Stopped = new("x", "<i>", "</ul><i>") });
        Assert.Contains("&lt;script&gt;alert(1)&lt;\\/<wbr>script&gt;", page);
        Assert.DoesNotContain("<script", page);
        Assert.DoesNotMatch("<i>(?!=|&#x2B;)", page);
        Assert.DoesNotMatch("<[^>]*onmouseover", page);
        Assert.DoesNotMatch("[\\u0000-\\u0009\\u000b-\\u001f\\u007f\\u202a-\\u202e\\u2066-\\u2069\\ud800](?![\\udc00-\\udfff])", page);
        // Nothing but the tags of the templates, and each one closed.
        foreach (var tag in Regex.Matches(page, "<([a-z0-9]+)").Select(match => match.Groups[1].Value).Distinct().Except(["meta", "wbr"]))
            Assert.Equal(Regex.Count(page, $"<{tag}[ >]"), Regex.Count(page, $"</{tag}>"));
    }

    [Fact]
    public void Nothing_is_loaded_from_anywhere()
    {
        var page = s_page.Of(Samples.Run());
        Assert.DoesNotMatch("(src|href)=(?!x)|url\\(|@import", Regex.Replace(page, "&[a-z#0-9]+;", ""));
        Assert.Contains("default-src 'none'", page);
    }

    [Fact]
    public void Totals_and_verdict_are_there()
    {
        var run = Samples.Run();
        Assert.True(run.Total.AddsUp);
        var page = s_page.Of(run);
        Assert.Contains("Not complete: 48 messages failed, 1 folder failed", page);
        Assert.Contains("ann@x at old.example", page);
        Assert.Contains("2026-03-04 14:55:30 &#x2B;01:30", page);
        Assert.Contains("<b>1,725</b><span>found</span>", page);

        Assert.Contains("Identical: all 12,345 messages are at the target, byte for byte.", s_page.Of(Samples.Verify(0)));
        Assert.Contains("Not identical: 3 messages missing.", s_page.Of(Samples.Verify(3)));
    }

    [Fact]
    public void A_page_stays_small_enough_for_a_browser_and_says_what_it_left_out()
    {
        var page = s_page.Of(Samples.Verify(2500));
        Assert.Contains("The first 1,000 are shown here; the JSON file has all 2,500.", page);
        Assert.Equal(1000, Regex.Count(page, "1 byte"));
        Assert.Contains("<details>", page);
        Assert.DoesNotContain("<details>", s_page.Of(Samples.Verify(50)));
    }

    [Theory]
    [InlineData(RunOutcome.Complete, "Complete: all 1,560 messages are at the target")]
    [InlineData(RunOutcome.Interrupted, "Interrupted: 1,560 of 1,725 messages found so far are at the target")]
    [InlineData(RunOutcome.Aborted, "Stopped before the end: old.example: NO")]
    public void Each_outcome_has_its_verdict(RunOutcome outcome, string headline)
    {
        var verdict = Verdict.Of(Samples.Run(outcome, new("authentication-failed", "old.example: NO.", "")));
        Assert.Equal(headline, verdict.Headline);
        Assert.Equal(outcome == RunOutcome.Complete, verdict.Good);
    }
}
