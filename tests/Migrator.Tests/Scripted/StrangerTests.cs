using System.Text;
using Migrator.Core.Failures;
using Migrator.Core.Reports;
using Migrator.Tests.Migrations;
using Migrator.Tests.Recovery;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Scripted;

/// <summary>Mail of the target's user that arrives among ours: however alike, it is never taken for a copy of ours, given flags or
/// removed.</summary>
public sealed class StrangerTests
{
    private const string Told = "IMAP4rev1 LITERAL+ UIDPLUS MULTIAPPEND NAMESPACE UNSELECT";
    private const string Untold = "IMAP4rev1 LITERAL+ MULTIAPPEND NAMESPACE UNSELECT";

    private static readonly byte[] s_stranger = Alike(1000);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Told, false)]
    [InlineData(Told, true)]
    [InlineData(Untold, false)]
    [InlineData(Untold, true)]
    public async Task It_is_not_taken_for_a_message_whose_append_was_lost(string capabilities, bool alters)
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap { Capabilities = capabilities };
        await using var harness = new Harness(source, target);
        if (alters)
            target.Store = InspectionTests.WithHeader;
        Fill(source);
        var lost = false;
        target.Arm(
            "lost",
            command =>
            {
                if (command.Name != "APPEND" || lost)
                    return null;
                lost = true;
                target.Inbox.Add(s_stranger);
                return command.Drop();
            }
        );

        var report = await harness.RunAsync(Stop, new ImmediateClock());
        await ShouldBeLeftAloneAsync(harness, source, target);

        Assert.Equal((20, 0), (report.Total.Delivered, report.Total.Failed));
        Assert.Equal(21, target.Inbox.Messages.Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task It_is_not_taken_for_a_message_that_a_target_without_UIDPLUS_took_and_dropped(bool alters)
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap { Capabilities = Untold };
        await using var harness = new Harness(source, target);
        if (alters)
            target.Store = InspectionTests.WithHeader;
        Fill(source);
        var dropped = false;
        target.Arm(
            "dropped",
            command =>
            {
                if (command.Name != "APPEND" || dropped)
                    return null;
                var answer = command.Session.Do(command);
                dropped =
                    target.Inbox.Messages.RemoveAll(message =>
                        Encoding.ASCII.GetString(message.Content).Contains("<5@", StringComparison.Ordinal)
                    ) > 0;
                if (dropped)
                    target.Inbox.Add(s_stranger);
                return answer;
            }
        );

        var report = await harness.RunAsync(Stop, new ImmediateClock());
        var next = await harness.RunAsync(Stop, new ImmediateClock());
        await ShouldBeLeftAloneAsync(harness, source, target);

        Assert.Equal(
            (RunOutcome.Partial, 19, 5u, Reason.NotConfirmed.Code),
            (report.Outcome, report.Total.Delivered, Assert.Single(report.Failures).Uid, report.Failures[0].Failure.Code)
        );
        Assert.Equal((1, 19), (next.Total.Delivered, next.Total.AlreadyThere));
        Assert.Equal(21, target.Inbox.Messages.Count);
    }

    [Fact]
    public async Task It_is_not_removed_as_a_copy_that_arrived_late()
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap { Store = InspectionTests.WithHeader };
        await using var harness = new Harness(source, target);
        Fill(source);
        var lost = false;
        target.Arm(
            "lost",
            command =>
            {
                if (command.Name != "APPEND" || lost)
                    return null;
                lost = true;
                command.Session.Do(command);
                target.Inbox.Add(s_stranger);
                return command.Drop();
            }
        );
        harness.Job = harness.Job with { Options = harness.Job.Options with { RemoveLateDuplicates = true } };

        await harness.RunAsync(Stop, new ImmediateClock());
        await harness.RunAsync(Stop, new ImmediateClock());

        Assert.Single(target.Inbox.Messages, message => IsStranger(message));
        Assert.Equal(21, target.Inbox.Messages.Count);
    }

    [Fact]
    public async Task What_the_user_of_the_target_got_of_a_message_by_another_way_is_not_given_its_flags()
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap { Capabilities = "IMAP4rev1 LITERAL+ NAMESPACE UNSELECT" };
        await using var harness = new Harness(source, target);
        source.Inbox.Add(Alike(1));
        byte[] forwarded = [.. "Received: from old.example.org by new.example.org\r\n"u8, .. Alike(1), .. "-- \r\nforwarded\r\n"u8];
        target.Arm(
            "dropped",
            command =>
            {
                if (command.Name != "APPEND")
                    return null;
                target.Inbox.Add(forwarded, ["\\Flagged"], "\"05-May-2021 10:00:00 +0000\"");
                return "OK dropped";
            }
        );

        var report = await harness.RunAsync(Stop, new ImmediateClock());
        source.Inbox.Messages[0].Flags.Add("\\Deleted");
        source.Inbox.Messages[0].ModSeq = ++source.Inbox.ModSeq;
        var next = await harness.RunAsync(Stop, new ImmediateClock());

        Assert.All(new[] { report, next }, run => Assert.Equal(RunOutcome.Partial, run.Outcome));
        Assert.All(target.Inbox.Messages, message => Assert.Equal(["\\Flagged"], message.Flags));
        Assert.Contains(
            next.Differences,
            difference =>
                difference.Kind == DifferenceKind.Flags
                && difference.Actual.StartsWith("the change was not applied", StringComparison.Ordinal)
        );
    }

    [Theory]
    [InlineData(Told)]
    [InlineData(Untold)]
    public async Task A_message_to_which_the_target_adds_what_its_header_lacks_is_sent_once(string capabilities)
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap
        {
            Capabilities = capabilities,
            Store = content => [.. "Date: Thu, 26 Nov 2026 00:00:00 +0000\r\nMessage-ID: <added@example.org>\r\n"u8, .. content],
        };
        await using var harness = new Harness(source, target);
        source.Inbox.Add("Subject: draft\r\n\r\none\r\n"u8.ToArray());
        source.Inbox.Add("X-Mailer: none\r\n\r\ntwo\r\n"u8.ToArray());

        var report = await harness.RunAsync(Stop, new ImmediateClock());
        var again = await harness.RunAsync(Stop, new ImmediateClock());

        Assert.Equal((2, 0, 2), (report.Total.Delivered, again.Total.Delivered, again.Total.AlreadyThere));
        Assert.Equal(2, target.Inbox.Messages.Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_was_not_looked_at_yet_when_an_end_was_renumbered_is_not_sent_again_to_a_target_that_alters(bool atSource)
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap { Store = InspectionTests.WithHeader };
        await using var harness = new Harness(source, target);
        Fill(source);
        var renumbered = false;
        target.Arm(
            "renumbered",
            command =>
            {
                if (renumbered || command.Name != "UID FETCH" || target.Inbox.Messages.Count < 20)
                    return null;
                renumbered = true;
                (atSource ? source.Inbox : target.Inbox).UidValidity++;
                return command.Drop();
            }
        );

        var report = await harness.RunAsync(Stop, new ImmediateClock());
        var again = await harness.RunAsync(Stop, new ImmediateClock());

        Assert.Equal((20, true, 0), (report.Total.Found, report.Total.AddsUp, again.Total.Delivered));
        Assert.Equal(20, target.Inbox.Messages.Count);
    }

    /// <summary>A change at the source gets to no message but its own.</summary>
    private static async Task ShouldBeLeftAloneAsync(Harness harness, ScriptedImap source, ScriptedImap target)
    {
        foreach (var message in source.Inbox.Messages)
        {
            message.Flags.Add("\\Deleted");
            message.ModSeq = ++source.Inbox.ModSeq;
        }
        await harness.RunAsync(Stop, new ImmediateClock());
        Assert.All(target.Inbox.Messages, message => Assert.Equal(IsStranger(message) ? [] : ["\\Deleted"], message.Flags));
        for (var number = 1; number <= 20; number++)
            Assert.Single(
                target.Inbox.Messages,
                message => Encoding.ASCII.GetString(message.Content).Contains($"<{number}@", StringComparison.Ordinal)
            );
    }

    private static bool IsStranger(ScriptedMessage message) => message.Content.SequenceEqual(s_stranger);

    private static void Fill(ScriptedImap source)
    {
        for (var number = 1; number <= 20; number++)
            source.Inbox.Add(Alike(number));
    }

    // The same date, the same text and the same size for all.
    private static byte[] Alike(int number) =>
        Encoding.ASCII.GetBytes(
            $"From: ann@example.org\r\nMessage-ID: <{number}@example.org>\r\nSubject: Report\r\n\r\nNothing to report.\r\n"
        );
}
