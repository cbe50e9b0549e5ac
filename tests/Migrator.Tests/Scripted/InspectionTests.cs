using Migrator.Core.Migrations;
using Migrator.Core.Reports;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Scripted;

/// <summary>What was delivered is inspected, by the next run where this one could not any more; what differs is recorded and said by every
/// run.</summary>
public sealed class InspectionTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("IMAP4rev1 LITERAL+ UIDPLUS MULTIAPPEND NAMESPACE")]
    [InlineData("IMAP4rev1 LITERAL+ UIDPLUS NAMESPACE")]
    [InlineData("IMAP4rev1 UIDPLUS NAMESPACE")]
    public async Task An_alteration_is_noticed_by_the_next_run_where_the_first_ended_before_it_looked(string capabilities)
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap { Capabilities = capabilities, Store = WithHeader };
        await using var harness = new Harness(source, target);
        source.Inbox.Fill(30);
        var ended = End(target, command => command.Name == "UID FETCH" && target.Inbox.Messages.Count > 0);

        var first = await harness.RunAsync(Stop);
        Array.ForEach(ended, fault => fault.Healed = true);
        var second = await harness.RunAsync(Stop);
        var third = await harness.RunAsync(Stop);

        Assert.Equal(RunOutcome.Aborted, first.Outcome);
        Assert.Equal(30, target.Inbox.Messages.Count);
        foreach (var report in new[] { second, third })
        {
            Assert.Equal(
                (RunOutcome.Partial, 30),
                (report.Outcome, report.Differences.Count(difference => difference.Kind == DifferenceKind.Content))
            );
            Assert.Equal(30, report.Total.AlreadyThere + report.Total.Delivered);
        }
        Assert.Equal(30, target.Inbox.Messages.Count);
    }

    [Fact]
    public async Task Flags_and_dates_that_the_target_does_not_keep_are_said_by_every_run()
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap { PermanentFlags = @"\Seen" };
        await using var harness = new Harness(source, target);
        source.Inbox.Add(ScriptedFolder.Letter(1), [@"\Seen", "$Label1"]);
        source.Inbox.Fill(3, first: 2);
        target
            .Arm(
                "date",
                command =>
                {
                    if (command.Name == "UID FETCH")
                        target
                            .Inbox.Messages.Where(message => message.Uid == 2)
                            .ToList()
                            .ForEach(message => message.InternalDate = "\"05-Mar-2021 00:00:00 +0000\"");
                    return null;
                }
            )
            .Fired = 1;

        var first = await harness.RunAsync(Stop);
        var second = await harness.RunAsync(Stop);
        source.Inbox.Fill(1, first: 9);
        var third = await harness.RunAsync(Stop);

        foreach (var report in new[] { first, second, third })
        {
            Assert.Equal(
                [DifferenceKind.Flags, DifferenceKind.InternalDate],
                report.Differences.Select(difference => difference.Kind).Order()
            );
            Assert.Equal(RunOutcome.Complete, report.Outcome);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_flag_that_changed_between_an_append_and_its_record_is_brought(bool stored)
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap();
        await using var harness = new Harness(source, target);
        source.Inbox.Fill(5);
        source.Inbox.Messages[0].Flags.Add("\\Flagged");
        // Stored or not, the answer never arrives.
        var ended = End(target, command => command.Name == "APPEND", stored);
        await harness.RunAsync(Stop);
        Array.ForEach(ended, fault => fault.Healed = true);
        source.Inbox.Messages[0].Flags.Remove("\\Flagged");
        source.Inbox.Messages[1].Flags.Add("\\Seen");
        foreach (var message in source.Inbox.Messages.Take(2))
            message.ModSeq = ++source.Inbox.ModSeq;
        // What the target's user does to a copy meanwhile stays. How many there are depends on how many went in one batch.
        var touched = stored ? target.Inbox.Messages[^1] : null;
        touched?.Flags.Add("\\Answered");

        var report = await harness.RunAsync(Stop);
        Assert.True(touched?.Flags.Remove("\\Answered") ?? true);

        Assert.Equal((RunOutcome.Complete, stored ? 1 : 0), (report.Outcome, report.Differences.Count));
        Assert.Equal(5, target.Inbox.Messages.Count);
        Assert.Equal(
            source.Inbox.Messages.Select(message => string.Join(' ', message.Flags)),
            target.Inbox.Messages.Select(message => string.Join(' ', message.Flags))
        );
    }

    [Fact]
    public async Task Flags_are_added_to_copies_that_another_tool_brought_without_them()
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap();
        await using var harness = new Harness(source, target);
        for (var number = 1; number <= 10; number++)
            source.Inbox.Add(ScriptedFolder.Letter(number), ["\\Seen"]);
        target.Inbox.Fill(10);
        target.Inbox.Messages[3].Flags.Add("\\Flagged");

        var report = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Complete, 0, 10), (report.Outcome, report.Total.Delivered, report.Total.AlreadyThere));
        Assert.All(target.Inbox.Messages, message => Assert.Contains("\\Seen", message.Flags));
        Assert.Contains("\\Flagged", target.Inbox.Messages[3].Flags);
        Assert.Equal(DifferenceKind.Flags, Assert.Single(report.Differences).Kind);
    }

    [Fact]
    public async Task A_copy_that_is_marked_as_deleted_is_not_taken_for_there()
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap();
        await using var harness = new Harness(source, target);
        source.Inbox.Fill(5);
        target.Inbox.Fill(5);
        target.Inbox.Messages[2].Flags.Add("\\Deleted");

        var report = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Complete, 1, 4), (report.Outcome, report.Total.Delivered, report.Total.AlreadyThere));
        Assert.Equal(2, target.Inbox.Messages.Count(message => message.Content.SequenceEqual(ScriptedFolder.Letter(3))));
    }

    [Fact]
    public async Task A_renumbered_source_does_not_bring_back_what_the_targets_user_deleted()
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap();
        await using var harness = new Harness(source, target);
        source.Inbox.Fill(10);
        source.Inbox.Add(ScriptedFolder.Letter(1));
        await harness.RunAsync(Stop);
        target.Inbox.Messages.RemoveAll(message => message.Uid is 1 or 5);
        target.Inbox.ModSeq++;
        source.Inbox.UidValidity += 100_000;
        source.Inbox.Fill(1, first: 50);

        var report = await harness.RunAsync(Stop);
        var again = await harness.RunAsync(Stop);

        Assert.Equal(
            (RunOutcome.Complete, 1, 9, 2),
            (report.Outcome, report.Total.Delivered, report.Total.AlreadyThere, report.Total.Vanished)
        );
        Assert.Equal(
            (RunOutcome.Complete, 0, 10, 2),
            (again.Outcome, again.Total.Delivered, again.Total.AlreadyThere, again.Total.Vanished)
        );
        Assert.Equal(10, target.Inbox.Messages.Count);
    }

    internal static byte[] WithHeader(byte[] content) => [.. "X-Added: 1\r\n"u8, .. content];

    /// <summary>From the first command of this kind on, the server ends the connection and lets nobody in.</summary>
    internal static ScriptedFault[] End(ScriptedImap server, Predicate<ScriptedCommand> when, bool store = false)
    {
        var ended = false;
        var fault = server.Arm(
            "end",
            command =>
            {
                if (ended || !when(command))
                    return null;
                ended = true;
                if (store)
                    command.Session.Do(command);
                return command.Drop();
            }
        );
        return
        [
            fault,
            server.Arm(
                "keep out",
                command => ended && command.Name is "LOGIN" or "AUTHENTICATE" && ended ? "NO [AUTHENTICATIONFAILED] not now" : null
            ),
        ];
    }
}
