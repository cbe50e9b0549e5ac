using Migrator.Core.Following;
using Migrator.Core.Jobs;
using Migrator.Core.Mail;
using Xunit;
using static Migrator.Tests.Jobs.JobText;

namespace Migrator.Tests.Jobs;

/// <summary>Whether and how a job follows what is moved and deleted at the source.</summary>
public sealed class FollowRulesTests
{
    private static string Job(string follow) => With("\"connections\": 5,", $"\"connections\": 5, \"follow\": {follow},");

    [Fact]
    public void Everything_that_can_be_said_is_read()
    {
        var rules = Parse(
            Job("""{ "deletions": "folder", "folder": "Aside/Gone", "limit": { "percent": 50, "messages": 7 } }""")
        ).Transfer.Follow;

        Assert.Equal(
            new FollowRules
            {
                Deletions = DeletionMode.Folder,
                Folder = new FolderPath(["Aside", "Gone"]),
                MostPercent = 50,
                MostMessages = 7,
            },
            rules
        );
    }

    [Theory]
    [InlineData("trash", DeletionMode.Trash)]
    [InlineData("mark", DeletionMode.Mark)]
    [InlineData("expunge", DeletionMode.Expunge)]
    [InlineData("keep", DeletionMode.Keep)]
    public void Each_mode_has_a_word(string word, DeletionMode mode) =>
        Assert.Equal(mode, Parse(Job($"{{ \"deletions\": \"{word}\" }}")).Follow!.Deletions);

    [Fact]
    public void It_is_off_unless_it_is_asked_for()
    {
        Assert.Null(Parse(Full).Follow);
        Assert.Null(Parse(Job("false")).Follow);
        Assert.Equal(FollowRules.Default, Parse(Job("true")).Follow);
        Assert.Equal(FollowRules.Default, Parse(Job("{}")).Follow);
    }

    [Theory]
    [InlineData("\"yes\"", "$.follow", "true or false")]
    [InlineData("{ \"deletions\": \"delete\" }", "$.follow.deletions", "\"expunge\"")]
    [InlineData("{ \"folder\": \"INBOX\" }", "$.follow.folder", "INBOX")]
    [InlineData("{ \"deletions\": \"mark\", \"folder\": \"Gone\" }", "$.follow.folder", "\"trash\" or \"folder\"")]
    [InlineData("{ \"limit\": { \"percent\": 101 } }", "$.follow.limit.percent", "to 100")]
    [InlineData("{ \"limit\": { \"messages\": 0 } }", "$.follow.limit.messages", "from 1")]
    [InlineData("{ \"limits\": {} }", "$.follow.limits", "\"limit\"")]
    public void What_cannot_be_meant_is_named(string follow, string path, string what)
    {
        var error = Assert.Single(Errors(Job(follow)), error => error.Path == path);
        Assert.Contains(what, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void POP3_is_not_followed() =>
        Assert.Contains(
            Errors(Job("true").Replace("\"protocol\": \"imap\"", "\"protocol\": \"pop3\"", StringComparison.Ordinal)),
            error => error.Path == "$.follow" && error.Message.Contains("POP3", StringComparison.Ordinal)
        );

    [Theory]
    // One alone is never too many.
    [InlineData(1, 0, null)]
    [InlineData(1, 5, null)]
    [InlineData(2, 18, null)]
    [InlineData(2, 17, "more than 10 %")]
    [InlineData(100, 900, null)]
    [InlineData(101, 1_000_000, "more than 100")]
    public void Limits_are_by_share_and_by_number(int deleted, int left, string? objection) =>
        Assert.Equal(objection, FollowRules.Default.Objection(deleted, left));
}
