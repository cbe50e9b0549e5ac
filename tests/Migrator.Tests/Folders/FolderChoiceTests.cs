using Migrator.Core.Folders;
using Migrator.Core.Mail;
using Xunit;

namespace Migrator.Tests.Folders;

/// <summary>A pattern that matches nothing does not pass for a folder that is empty.</summary>
public sealed class FolderChoiceTests
{
    private static readonly FolderPath[] s_folders =
    [
        .. new[] { "INBOX", "Sent", "Archive/2024", "Projects/Work" }.Select(FolderPath.Parse),
    ];

    [Theory]
    [InlineData("Sentt", "Did you mean \"Sent\"?")]
    [InlineData("sent", "Did you mean \"Sent\"?")]
    [InlineData("work", "Did you mean \"Projects/Work\"?")]
    [InlineData("Archive", "Did you mean \"Archive/**\"?")]
    [InlineData("Nosuch", "matches no folder. There are: Archive/2024, INBOX, Projects/Work, Sent.")]
    public void A_pattern_that_matches_nothing_is_reported_with_what_there_is(string pattern, string words)
    {
        var miss = Assert.Single(Misses(false, pattern));
        Assert.StartsWith($"\"{pattern}\" matches no folder.", miss);
        Assert.Contains(words, miss);
        Assert.EndsWith("There are: Archive/2024, INBOX, Projects/Work, Sent.", miss);
    }

    [Fact]
    public void Of_several_patterns_one_may_miss_where_they_are_for_many_mailboxes_only()
    {
        Assert.Empty(Misses(false, "INBOX", "Nosuch"));
        Assert.StartsWith("\"Nosuch\"", Assert.Single(Misses(true, "INBOX", "Nosuch")));
        Assert.Equal(2, Misses(false, "Nosuch", "Neither").Count);
        Assert.Empty(Misses(true, "inbox", "**/Work"));
        Assert.Empty(Misses(true));
    }

    [Fact]
    public void A_mailbox_without_folders_is_reported() =>
        Assert.EndsWith("There is none.", Assert.Single(new FolderChoice(FolderRules.All with { Include = ["INBOX"] }).Misses([])));

    private static IReadOnlyList<string> Misses(bool every, params string[] include) =>
        new FolderChoice(FolderRules.All with { Include = include, EveryIncludeMatches = every }).Misses(s_folders);
}
