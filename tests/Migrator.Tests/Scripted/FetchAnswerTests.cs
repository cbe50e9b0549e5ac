using System.Text;
using Migrator.Core.Failures;
using Migrator.Core.Mail;
using Migrator.Core.Reports;
using Migrator.Tests.Migrations;
using Migrator.Tests.Recovery;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Scripted;

/// <summary>Nonsense in what a source says about one message: that message is delivered if it can be read at all, and the others in any
/// case.</summary>
public sealed class FetchAnswerTests
{
    private const string Date = "INTERNALDATE \"01-Feb-2020 03:04:05 +0000\"";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData($"FLAGS (\\Seen) {Date} RFC822.SIZE 5000000000", "\\Seen", false)]
    [InlineData($"FLAGS (\\Seen) {Date} RFC822.SIZE -1", "\\Seen", false)]
    [InlineData($"FLAGS (\\Seen) {Date} RFC822.SIZE NIL", "\\Seen", false)]
    [InlineData($"FLAGS (\\Seen) {Date} RFC822.SIZE \"99\"", "\\Seen", false)]
    [InlineData($"FLAGS NIL {Date} RFC822.SIZE 99", "", true)]
    [InlineData($"{Date} RFC822.SIZE 99", "", true)]
    [InlineData($"FLAGS (\"Junk\" \\Seen) {Date} RFC822.SIZE 99", "Junk \\Seen", false)]
    [InlineData($"FLAGS (\"a b\" \\Seen) {Date} RFC822.SIZE 99", "\\Seen", true)]
    [InlineData($"FLAGS ([Gmail]/x kw{{3}} \\Seen) {Date} RFC822.SIZE 99", "\\Seen", true)]
    [InlineData($"FLAGS (gr\u00fcn \\Seen) {Date} RFC822.SIZE 99", "\\Seen", true)]
    [InlineData($"X-FOO (a (b c)) FLAGS (\\Seen) {Date} X-BAR RFC822.SIZE 99", "\\Seen", false)]
    [InlineData($"FLAGS (\\Seen) MODSEQ (-1) {Date} RFC822.SIZE 99 X-DATE {{3}}\r\na)b", "\\Seen", false)]
    public async Task A_message_that_can_be_read_is_delivered_whatever_is_said_about_it(string said, string flags, bool reported)
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap();
        await using var harness = new Harness(source, target);
        source.Inbox.Fill(3);
        source.Arm("odd", command => Say(command, 2, said));

        var report = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Complete, 3), (report.Outcome, report.Total.Delivered));
        Assert.Equal(FlagSet.Parse(flags), new FlagSet(target.Inbox.Messages[1].Flags));
        Assert.Equal(reported ? [DifferenceKind.Flags] : [], report.Differences.Select(difference => difference.Kind));
        Assert.Equal(source.Inbox.Messages.Select(message => message.Content), target.Inbox.Messages.Select(message => message.Content));
    }

    [Theory]
    [InlineData("* 2 FETCH (UID 0 FLAGS () " + Date + " RFC822.SIZE 99)")]
    [InlineData("* 2 FETCH (UID nonsense FLAGS () " + Date + " RFC822.SIZE 99)")]
    [InlineData("* 2 FETCH (FLAGS () " + Date + " RFC822.SIZE 99)")]
    [InlineData("* 2 FETCH ()")]
    [InlineData("* 2 FETCH (UID 2 FLAGS (\\Seen))")]
    [InlineData("* 2 FETCH (UID 2")]
    [InlineData("* 2 FETCH (((((")]
    public async Task An_answer_that_says_nothing_of_its_message_costs_that_message(string line)
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap();
        await using var harness = new Harness(source, target);
        source.Inbox.Fill(3);
        source.Arm("nonsense", command => Say(command, 2, null, line));

        var report = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Partial, 2, 1), (report.Outcome, report.Total.Delivered, report.Total.Failed));
        Assert.Equal((2u, Reason.SourceUnreadable.Code), (Assert.Single(report.Failures).Uid, report.Failures[0].Failure.Code));
    }

    [Fact]
    public async Task A_message_that_comes_shorter_than_it_is_listed_is_said_once()
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap();
        await using var harness = new Harness(source, target);
        source.Inbox.Fill(3);
        source.Arm(
            "short",
            command =>
            {
                if (command.Name != "UID FETCH" || !command.Arguments.Contains("BODY", StringComparison.Ordinal))
                    return null;
                foreach (var message in source.Inbox.Messages)
                {
                    var length = message.Uid == 2 ? 40 : message.Content.Length;
                    var text = Encoding.ASCII.GetString(message.Content)[..length];
                    command.Session.Say($"* {message.Uid} FETCH (UID {message.Uid} BODY[] {{{length}}}\r\n{text})");
                }
                return "OK done";
            }
        );

        var report = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Complete, 3), (report.Outcome, report.Total.Delivered));
        Assert.Contains(
            report.Notices,
            notice =>
                notice.StartsWith(
                    "1 message came shorter than the source lists it (RFC822.SIZE), for example INBOX UID 2, 40 of "
                        + $"{source.Inbox.Messages[1].Content.Length} bytes",
                    StringComparison.Ordinal
                )
        );
    }

    [Fact]
    public async Task Flags_that_the_source_does_not_say_any_more_are_not_removed_at_the_target()
    {
        await using var source = new ScriptedImap { Capabilities = "IMAP4rev1 LITERAL+ UIDPLUS NAMESPACE" };
        await using var target = new ScriptedImap();
        await using var harness = new Harness(source, target);
        source.Inbox.Add(ScriptedFolder.Letter(1), ["\\Seen", "\\Flagged"]);
        await harness.RunAsync(Stop);
        source.Arm(
            "nil",
            command =>
            {
                if (
                    command.Name != "UID FETCH"
                    || !command.Arguments.Contains("FLAGS", StringComparison.Ordinal)
                    || command.Arguments.Contains("SIZE", StringComparison.Ordinal)
                )
                    return null;
                command.Session.Say("* 1 FETCH (UID 1 FLAGS NIL)");
                return "OK done";
            }
        );

        var report = await harness.RunAsync(Stop);

        Assert.Equal(RunOutcome.Complete, report.Outcome);
        Assert.Equal(["\\Flagged", "\\Seen"], target.Inbox.Messages[0].Flags.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task What_is_said_of_a_message_in_several_answers_is_put_together()
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap();
        await using var harness = new Harness(source, target);
        source.Inbox.Fill(3);
        source.Arm(
            "in parts",
            command =>
                Say(
                    command,
                    2,
                    null,
                    $"* 2 FETCH (UID 2 {Date})\r\n* 2 FETCH (UID 2 FLAGS (\\Flagged))\r\n* 3 FETCH (FLAGS (\\Deleted))\r\n* 2 "
                        + "FETCH (UID 2 RFC822.SIZE 99)"
                )
        );

        var report = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Complete, 3), (report.Outcome, report.Total.Delivered));
        Assert.Equal(["\\Flagged"], target.Inbox.Messages[1].Flags);
    }

    [Fact]
    public async Task News_about_messages_while_contents_are_fetched_stands_in_nobodys_way()
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap();
        await using var harness = new Harness(source, target);
        source.Inbox.Fill(3);
        source.Arm(
            "news",
            command =>
            {
                if (command.Name != "UID FETCH" || !command.Arguments.Contains("BODY", StringComparison.Ordinal))
                    return null;
                foreach (var message in command.Named)
                {
                    command.Say("* 1 FETCH (FLAGS (\"\\\\\" NIL) INTERNALDATE \"30-Feb-2011 00:00:00 +0000\" RFC822.SIZE x)");
                    command.Session.SayFetch(message, command.Arguments);
                }
                return "OK done";
            }
        );

        var report = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Complete, 3), (report.Outcome, report.Total.Delivered));
    }

    [Theory]
    [InlineData("* 2 FETCH (UID 2 BODY[] {3000000000}\r\nabc")]
    [InlineData("* 2 FETCH (UID 0 BODY[] {3}\r\nabc)")]
    [InlineData("* 2 FETCH (UID 2 BODY[] NIL)")]
    [InlineData("* 2 FETCH (UID 2 BODY[] (a b))")]
    [InlineData("* 2 FETCH BODY[]")]
    public async Task A_content_that_is_none_costs_its_message_and_no_other(string line)
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap();
        await using var harness = new Harness(source, target);
        source.Inbox.Fill(5);
        source.Arm(
            "nonsense",
            command =>
            {
                if (
                    command.Name != "UID FETCH"
                    || !command.Arguments.Contains("BODY.PEEK[])", StringComparison.Ordinal)
                    || command.Named.All(message => message.Uid != 2)
                )
                    return null;
                foreach (var message in command.Named)
                {
                    if (message.Uid == 2)
                        command.Say(line);
                    else
                        command.Session.SayFetch(message, command.Arguments);
                }
                return "OK done";
            }
        );

        var report = await harness.RunAsync(Stop, new ImmediateClock());

        Assert.Equal((RunOutcome.Partial, 4, 1), (report.Outcome, report.Total.Delivered, report.Total.Failed));
        Assert.Equal((2u, Reason.SourceUnreadable.Code), (Assert.Single(report.Failures).Uid, report.Failures[0].Failure.Code));
    }

    /// <summary>Answers a FETCH of dates and sizes with something else for one message.</summary>
    /// <param name="items">Said of it besides its UID.</param>
    /// <param name="line">Said instead of all that.</param>
    public static string? Say(ScriptedCommand command, uint uid, string? items, string? line = null)
    {
        if (
            command.Name != "UID FETCH"
            || !command.Arguments.Contains("INTERNALDATE", StringComparison.Ordinal)
            || command.Named.All(message => message.Uid != uid)
        )
            return null;
        foreach (var message in command.Named)
        {
            if (message.Uid == uid)
                command.Say(line ?? $"* {uid} FETCH (UID {uid} {items})");
            else
                command.Session.SayFetch(message, command.Arguments);
        }
        return "OK done";
    }
}
