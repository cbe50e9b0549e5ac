using System.Text;
using System.Text.RegularExpressions;
using Migrator.Tests.Telemetry;
using Xunit;

namespace Migrator.Tests.Documentation;

/// <summary>README, CONTRIBUTING and docs/ lead nowhere that is not there.</summary>
public sealed partial class LinkTests
{
    private static readonly string s_root = Path.GetDirectoryName(Docs.Path("."))!;

    public static TheoryData<string> Pages =>
        [
            .. Directory
                .GetFiles(Docs.Path("."), "*.md", SearchOption.AllDirectories)
                .Concat(Directory.GetFiles(s_root, "*.md"))
                .Select(file => Path.GetRelativePath(s_root, file))
                .Order(StringComparer.Ordinal),
        ];

    [Theory]
    [MemberData(nameof(Pages))]
    public void A_relative_link_leads_to_a_file_and_an_anchor_that_exist(string page)
    {
        var path = Path.Combine(s_root, page);
        foreach (Match link in Link().Matches(WithoutCode(File.ReadAllText(path))))
        {
            var target = link.Groups[1].Value;
            if (target.Contains("://", StringComparison.Ordinal))
                continue;
            var mark = target.IndexOf('#', StringComparison.Ordinal);
            var (name, anchor) = mark < 0 ? (target, "") : (target[..mark], target[(mark + 1)..]);
            var file = name.Length == 0 ? path : Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, name));
            Assert.True(Path.Exists(file), $"{page} links to {target}, which is not there.");
            Assert.True(anchor.Length == 0 || Anchors(file).Contains(anchor), $"{page} links to {target}, and there is no such heading.");
        }
    }

    [Fact]
    public void Every_page_is_linked_from_README()
    {
        var links = Link().Matches(File.ReadAllText(Path.Combine(s_root, "README.md")));
        var linked = links.Select(link => link.Groups[1].Value.Split('#')[0]).ToHashSet();
        Assert.Empty(Pages.Select(page => page.Data).Where(page => page != "README.md" && page != "CHANGELOG.md").Except(linked));
    }

    [Fact]
    public void README_has_at_most_140_lines() => Assert.InRange(File.ReadLines(Path.Combine(s_root, "README.md")).Count(), 1, 140);

    /// <summary>As GitHub makes them of headings.</summary>
    private static HashSet<string> Anchors(string file)
    {
        var anchors = new HashSet<string>();
        foreach (Match heading in Heading().Matches(Fence().Replace(File.ReadAllText(file), "")))
        {
            var anchor = new StringBuilder();
            foreach (var letter in heading.Groups[1].Value.Trim().ToLowerInvariant())
                anchor.Append(
                    letter == ' ' ? "-"
                    : char.IsLetterOrDigit(letter) || letter is '-' or '_' ? letter
                    : ""
                );
            var (first, number) = (anchor.ToString(), 0);
            for (var name = first; !anchors.Add(name); name = $"{first}-{++number}")
            {
                // A heading that is there twice gets a number.
            }
        }
        return anchors;
    }

    private static string WithoutCode(string text) => Span().Replace(Fence().Replace(text, ""), "");

    // Not of a link's own text: [`code`](#code) stays a link without its code.
    [GeneratedRegex(@"`[^`\n]*`")]
    private static partial Regex Span();

    [GeneratedRegex(@"^```.*?^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^#+ (.*)$", RegexOptions.Multiline)]
    private static partial Regex Heading();
}
