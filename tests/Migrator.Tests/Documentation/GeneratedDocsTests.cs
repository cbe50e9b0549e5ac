using Migrator.Core.Failures;
using Xunit;

namespace Migrator.Tests.Documentation;

/// <summary>Pages that say the same as the code are made from it. CONTRIBUTING.md says how to rewrite them.</summary>
public sealed class GeneratedDocsTests
{
    public static TheoryData<string> Pages => [.. GeneratedPage.All.Select(page => page.Name)];

    [Theory]
    [MemberData(nameof(Pages))]
    public void A_generated_page_is_what_its_source_says(string name) => GeneratedPage.All.Single(page => page.Name == name).Check();

    [Fact]
    public void Every_reason_and_nothing_else_is_explained() =>
        Assert.Equal(
            Reason.All.Select(reason => reason.Code).Order(StringComparer.Ordinal),
            Explanations.Codes.Order(StringComparer.Ordinal)
        );

    [Fact]
    public void Every_reason_is_explained_in_sentences() =>
        Assert.All(
            Reason.All,
            reason =>
            {
                var explanation = Explanations.Of(reason);
                Assert.Matches(@"^[A-Z].*\.$", explanation.Meaning);
                Assert.Matches(@"^[A-Z""].*\.$", explanation.Cause);
            }
        );
}
