using Migrator.App.Formatting;
using Migrator.Core.Reports;
using Xunit;

namespace Migrator.Tests.Reports;

/// <summary>What a report says was deleted at the source is what was.</summary>
public sealed class VerdictTests
{
    private const string Nothing = "Nothing was removed from the source.";

    [Fact]
    public void A_partial_run_that_removed_nothing_says_so() => Assert.Contains(Nothing, Verdict.Of(Samples.Run()).Then);

    [Theory]
    [InlineData(1, false, "1 message was deleted at the source")]
    [InlineData(12, false, "12 messages were deleted at the source")]
    [InlineData(0, true, "did not confirm")]
    public void A_run_that_deleted_at_the_source_says_what(int removed, bool unconfirmed, string words)
    {
        foreach (var outcome in new[] { RunOutcome.Partial, RunOutcome.Complete })
        {
            var verdict = Verdict.Of(Samples.Run(outcome) with { RemovedAtSource = removed, RemovalUnconfirmed = unconfirmed });

            Assert.Contains(words, verdict.Then);
            Assert.DoesNotContain(Nothing, verdict.Then);
        }
    }

    [Fact]
    public void A_run_that_is_limited_has_nothing_wrong_with_it()
    {
        var run = Samples.Run();
        var limited = run with
        {
            Folders = [run.Folders[0] with { Counts = new(10, 4, 0, 0, 0, 0, 6, 400), Failure = null }],
            Failures = [],
            DifferenceCounts = new Dictionary<DifferenceKind, long>(),
            Problems = [],
            LeftForLater = 6,
        };

        Assert.Equal("Not complete: 6 messages left for later runs", Verdict.Of(limited).Headline);
        Assert.Contains("Run again for the next ones", Verdict.Of(limited).Then);
        Assert.Equal(
            "Not complete: 4 messages left for later runs, 2 messages not reached",
            Verdict.Of(limited with { LeftForLater = 4 }).Headline
        );
        Assert.Contains("Fix the cause", Verdict.Of(limited with { LeftForLater = 4 }).Then);
    }

    [Fact]
    public void Messages_that_are_not_fetched_yet_are_named() =>
        Assert.Contains("2 messages not fetched yet", Verdict.Of(Samples.Run() with { ReplacedAtSource = 2 }).Headline);
}
