using Migrator.Core.Selection;
using Xunit;
using static Migrator.Tests.Jobs.JobText;

namespace Migrator.Tests.Jobs;

/// <summary>Which messages a job file chooses.</summary>
public sealed class MessageRulesTests
{
    private static string Job(string messages) => With("\"connections\": 5,", $"\"connections\": 5, \"messages\": {{ {messages} }},");

    [Fact]
    public void Everything_that_can_be_said_is_read()
    {
        var rules = Parse(
            Job(
                """
                "receivedAfter": "90d", "receivedBefore": "2026-01-31", "sentAfter": "2026-01-31T08:00:00+01:00", "sentBefore": "7d",
                "largerThan": "1 KiB", "smallerThan": "25 MiB", "unreadOnly": true, "skipDeleted": true, "withFlags": ["\\Flagged"],
                "withoutFlags": ["$Junk"], "search": "FROM ann", "newestFirst": true, "keepOrder": true,
                "atMost": { "messages": 1000, "size": "2 GiB" }
                """
            )
        ).Transfer.Messages;

        Assert.Equal((TimeSpan.FromDays(90), TimeSpan.FromDays(7)), (rules.ReceivedAfter!.Value.Age, rules.SentBefore!.Value.Age));
        Assert.Equal(new DateTimeOffset(2026, 1, 31, 0, 0, 0, default), rules.ReceivedBefore!.Value.At);
        Assert.Equal(new DateTimeOffset(2026, 1, 31, 7, 0, 0, default), rules.SentAfter!.Value.At);
        Assert.Equal((1L << 10, 25L << 20), (rules.LargerThan, rules.SmallerThan));
        Assert.Equal(["\\Flagged"], rules.WithFlags);
        Assert.Equal(["$Junk", "\\Seen", "\\Deleted"], rules.WithoutFlags);
        Assert.Equal("FROM ann", rules.Search);
        Assert.True(rules is { NewestFirst: true, KeepsOrder: true, MostMessages: 1000, MostBytes: 2L << 30 });
    }

    [Fact]
    public void Without_rules_nothing_is_left_out()
    {
        Assert.Null(MessageSelection.Of(Parse(Full).Transfer.Messages, DateTimeOffset.UnixEpoch));
        Assert.Null(MessageSelection.Of(Parse(Job("\"newestFirst\": true")).Transfer.Messages, DateTimeOffset.UnixEpoch));
    }

    [Theory]
    [InlineData("\"receivedAfter\": \"yesterday\"", "$.messages.receivedAfter", "an age in days")]
    [InlineData("\"receivedAfter\": \"2026-02-01\", \"receivedBefore\": \"2026-01-01\"", "$.messages.receivedBefore", "every message")]
    [InlineData("\"sentAfter\": \"7d\", \"sentBefore\": \"30d\"", "$.messages.sentBefore", "every message")]
    [InlineData("\"largerThan\": \"1 MiB\", \"smallerThan\": \"1 MiB\"", "$.messages.smallerThan", "every message")]
    [InlineData("\"largerThan\": \"big\"", "$.messages.largerThan", "write a size")]
    [InlineData("\"withFlags\": [\"two words\"]", "$.messages.withFlags[0]", "write a flag")]
    [InlineData("\"withFlags\": [\"\\\\Seen\"], \"unreadOnly\": true", "$.messages.withFlags", "another rule leaves out")]
    [InlineData("\"search\": \"FROM ann) (ALL\"", "$.messages.search", "parenthesis")]
    [InlineData("\"keepOrder\": true", "$.messages.keepOrder", "newestFirst")]
    [InlineData("\"keepOrder\": true, \"newestFirst\": true", "$.messages.keepOrder", "atMost")]
    [InlineData("\"atMost\": { \"messages\": 0 }", "$.messages.atMost.messages", "from 1")]
    [InlineData("\"atMost\": { \"bytes\": 7 }", "$.messages.atMost.bytes", "not known")]
    [InlineData("\"newestfirst\": true", "$.messages.newestfirst", "newestFirst")]
    public void What_cannot_be_meant_is_named(string messages, string path, string what)
    {
        var error = Assert.Single(Errors(Job(messages)), error => error.Path == path);
        Assert.Contains(what, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"receivedAfter\": \"90d\"", "$.messages")]
    [InlineData("\"newestFirst\": true", "$.messages.newestFirst")]
    public void POP3_tells_only_sizes(string messages, string path) =>
        Assert.Contains(
            Errors(Job(messages).Replace("\"protocol\": \"imap\"", "\"protocol\": \"pop3\"", StringComparison.Ordinal)),
            error => error.Path == path && error.Message.Contains("POP3", StringComparison.Ordinal)
        );
}
