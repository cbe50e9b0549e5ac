using Migrator.Core.Folders;
using Xunit;
using static Migrator.Tests.Folders.Mailboxes;

namespace Migrator.Tests.Folders;

/// <summary>Names made of what wildcards match.</summary>
public sealed class RenamePatternTests
{
    [Theory]
    [InlineData("Projekte/*", "Projects/$1", "Projekte/A", "Projects/A")]
    [InlineData("Projekte/*", "Projects/$1", "Projekte/A/B/C", "Projects/A/B/C")]
    [InlineData("Projekte/*", "Projects/$1", "Projekte", "Projekte")]
    [InlineData("**/Archiv *", "Archive/$2/$1", "Work/Sales/Archiv 2024", "Archive/2024/Work/Sales")]
    [InlineData("**/Archiv *", "Archive/$2/$1", "Archiv 2024", "Archive/2024")]
    [InlineData("Old/**", "$1", "Old/A/B", "A/B")]
    [InlineData("* - *", "${2}/${1}1", "x - y", "y/x1")]
    [InlineData("20??", "Years/20$1$2", "2024/Q1", "Years/2024/Q1")]
    [InlineData("*", "Cost $$1 $1", "A", "Cost $1 A")]
    [InlineData("inbox/*", "$1", "INBOX/A", "A")]
    [InlineData("a\\/*", "$1", "a\\/b", "b")]
    [InlineData("*x", "$1", "a\\/x/c", "a_/c")]
    [InlineData("a(.*", "$1", "a(.b", "b")]
    public void What_a_wildcard_matches_is_part_of_the_new_name(string from, string to, string folder, string expected) =>
        Assert.Equal([$"{folder}>{expected}"], Pairs(Plan([folder], [], With(Rules(), (from, to)))));

    [Fact]
    public void An_exact_name_goes_first_and_of_the_patterns_the_first_that_matches()
    {
        var plan = Plan(
            ["Work", "Work/A", "Home/A", "Home/B"],
            [],
            With(Rules(rename: [("Work", "Job")]), ("*/A", "First/$1"), ("*/*", "Second/$1/$2"), ("Work/?", "Never"))
        );

        Assert.Equal(["Home/A>First/Home", "Home/B>Second/Home/B", "Work>Job", "Work/A>Job/A"], Pairs(plan));
        Assert.Empty(plan.Notices);
    }

    [Fact]
    public void A_pattern_that_matches_nothing_is_noticed_and_one_that_leaves_no_name_too()
    {
        var plan = Plan(["Work", "Archive"], [], With(Rules(), ("Wrk*", "x"), ("**/Archive", "$1")));

        Assert.Equal(["Archive>Archive", "Work>Work"], Pairs(plan));
        Assert.Equal(
            [
                "folders.renamePatterns \"Wrk*\" matches no folder of the source that contains messages.",
                "Archive keeps its name: folders.renamePatterns leaves none of it.",
            ],
            plan.Notices
        );
    }

    [Fact]
    public void Folders_that_come_to_one_name_are_merged_and_that_is_said()
    {
        var plan = Plan(["Archiv 1", "Archiv 2"], [], With(Rules(), ("Archiv *", "Archive")));

        Assert.Equal(["Archiv 1>Archive", "Archiv 2>Archive"], Pairs(plan));
        Assert.Equal("Archiv 1 and Archiv 2 are merged into Archive, as folders.renamePatterns says.", Assert.Single(plan.Notices));
    }

    [Fact]
    public void The_new_name_lies_below_the_folder_that_all_go_to_and_in_names_of_the_target() =>
        Assert.Equal(
            ["Work/v1.0>Old/Job/v1_0"],
            Pairs(Plan(["Work/v1.0"], [], With(Rules(), ("Work/*", "Job/$1")) with { Into = FolderRules.ParseInto("Old") }, Traits('.')))
        );

    [Theory]
    [InlineData("Work", "Job", "has no wildcard; put it into \"rename\"")]
    [InlineData("Work/*", "Job/$2", "refers to wildcard 2, and 'Work/*' has 1")]
    [InlineData("Work/*", "Job/${0}", "refers to wildcard 0")]
    [InlineData("Work/*", "Job/$x", "write \"$$\" for a dollar sign")]
    [InlineData("Work/*", "Job//$1", "a name in it is empty")]
    [InlineData("/*", "Job", "a name in it is empty")]
    public void What_cannot_be_a_pattern_is_refused_with_what_to_do(string from, string to, string message) =>
        Assert.Contains(message, Assert.Throws<FormatException>(() => new FolderPattern(from, to)).Message);

    [Fact]
    public void Many_wildcards_over_a_long_name_take_no_longer_than_few()
    {
        var pattern = new FolderPattern(string.Concat(Enumerable.Repeat("*a", 40)), "$40");

        Assert.Null(pattern.Match(new([new string('a', 200) + "b"])));
    }

    private static FolderRules With(FolderRules rules, params (string From, string To)[] patterns) =>
        rules with
        {
            RenamePatterns = [.. patterns.Select(pattern => new FolderPattern(pattern.From, pattern.To))],
        };

    private static string[] Pairs(FolderPlan plan) => [.. plan.Mappings.Select(mapping => $"{mapping.Source.Path}>{mapping.Target}")];
}
