using Migrator.Core.Folders;
using Migrator.Core.Mail;
using Xunit;

namespace Migrator.Tests.Folders;

public sealed class FolderGlobTests
{
    [Theory]
    [InlineData("Trash", "Trash", true)]
    [InlineData("Trash", "Trash/Old", false)]
    [InlineData("Trash", "My/Trash", false)]
    [InlineData("Trash", "trash", false)]
    [InlineData("Trash/**", "Trash", false)]
    [InlineData("Trash/**", "Trash/Old/Older", true)]
    [InlineData("*", "Trash", true)]
    [InlineData("*", "Trash/Old", false)]
    [InlineData("**", "Trash/Old", true)]
    [InlineData("Tr*", "Trash", true)]
    [InlineData("Tr*", "Trash/Old", false)]
    [InlineData("Tr**", "Trash/Old", true)]
    [InlineData("*/Old", "Trash/Old", true)]
    [InlineData("*/Old", "A/B/Old", false)]
    [InlineData("**/Old", "A/B/Old", true)]
    [InlineData("**/Old", "Old", true)]
    [InlineData("**/Old", "Very Old", false)]
    [InlineData("A/**/B", "A/B", true)]
    [InlineData("A/**/B", "A/x/y/B", true)]
    [InlineData("A/**/B", "A/xB", false)]
    [InlineData("?", "x", true)]
    [InlineData("?", "xy", false)]
    [InlineData("a?b", "a/b", false)]
    [InlineData("?", "\U0001F4E7", true)]
    [InlineData("2024.*", "2024x", false)]
    [InlineData("(a|b)[1]+$", "(a|b)[1]+$", true)]
    [InlineData("a*", "a\nb", true)]
    [InlineData("a", "a\n", false)]
    public void A_pattern_is_compared_with_the_whole_path(string pattern, string path, bool matches) =>
        Assert.Equal(matches, new FolderGlob(pattern).Matches(FolderPath.Parse(path)));

    [Theory]
    [InlineData("inbox", "INBOX", true)]
    [InlineData("Inbox/*", "INBOX/Work", true)]
    [InlineData("INBOX/*", "INBOX/Work", true)]
    [InlineData("inbox/work", "INBOX/Work", false)]
    [InlineData("Work/inbox", "Work/INBOX", false)]
    [InlineData("inboxes", "INBOXes", false)]
    public void Case_does_not_count_in_INBOX(string pattern, string path, bool matches) =>
        Assert.Equal(matches, new FolderGlob(pattern).Matches(FolderPath.Parse(path)));

    [Theory]
    [InlineData("*", true)]
    [InlineData("A?B", true)]
    [InlineData("A\\/B", true)]
    [InlineData("A/B", false)]
    [InlineData("**/B", false)]
    [InlineData("A/**", false)]
    [InlineData("A*B", true)]
    public void A_slash_in_a_name_is_a_letter(string pattern, bool matches) =>
        Assert.Equal(matches, new FolderGlob(pattern).Matches(new FolderPath(["A/B"])));

    [Fact]
    public void Many_stars_over_a_long_name_end() =>
        Assert.False(new FolderGlob(string.Concat(Enumerable.Repeat("*a", 50)) + "b").Matches(new FolderPath([new string('a', 2000)])));
}
