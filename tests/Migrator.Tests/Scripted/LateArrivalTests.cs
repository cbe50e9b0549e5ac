using Migrator.Core.Reports;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Scripted;

/// <summary>An APPEND that reaches the server after the session that sent it was lost.</summary>
public sealed class LateArrivalTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_may_still_arrive_is_waited_for()
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap();
        await using var harness = new Harness(source, target);
        source.Inbox.Fill(5);
        var late = await InterruptAsync(harness, target);
        // It arrives while the next run waits: after some looks at a folder that has not changed yet.
        var looks = 0;
        target.Arm(
            "late",
            command =>
            {
                if (command.Name != "SELECT" || ++looks != 3)
                    return null;
                late.ForEach(content => target.Inbox.Add(content));
                return command.Session.Do(command);
            }
        );

        var report = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Complete, 5), (report.Outcome, report.Total.Found));
        Assert.Equal(5, target.Inbox.Messages.Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_arrives_after_it_was_sent_again_is_named_by_run_and_verify_and_removed_on_request(bool alters)
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap();
        if (alters)
            target.Store = InspectionTests.WithHeader;
        await using var harness = new Harness(source, target);
        for (var number = 1; number <= 5; number++)
            source.Inbox.Add(ScriptedFolder.Letter(number), ["\\Seen"]);
        var late = await InterruptAsync(harness, target);
        var arrived = false;
        target.Arm(
            "late",
            command =>
            {
                if (command.Name != "APPEND" || arrived)
                    return null;
                arrived = true;
                var answer = command.Session.Do(command);
                late.ForEach(content => target.Inbox.Add(target.Store(content), ["\\Seen"]));
                return answer;
            }
        );

        var report = await harness.RunAsync(Stop);
        var later = await harness.RunAsync(Stop);
        var verified = await harness.VerifyAsync(Stop);
        // Somebody uses one of the second copies: that one stays. What was sent again after they arrived has a higher UID than its second
        // copy, and to verify either of the two is one too many: only the run says which is the second.
        var used = later
            .Differences.Where(difference => difference.Kind == DifferenceKind.Duplicate)
            .Max(difference => uint.Parse(difference.Actual.Split(' ')[^1], System.Globalization.CultureInfo.InvariantCulture));
        target.Inbox.Messages.Single(message => message.Uid == used).Flags.Add("\\Flagged");
        target.Inbox.ModSeq++;
        harness.Job = harness.Job with { Options = harness.Job.Options with { RemoveLateDuplicates = true } };
        var removing = await harness.RunAsync(Stop);

        // How many were in the batch that was in progress depends on how fast they were captured.
        Assert.NotEmpty(late);
        Assert.Equal(late.Count, report.Differences.Count(difference => difference.Kind == DifferenceKind.Duplicate));
        Assert.Equal(RunOutcome.Partial, report.Outcome);
        Assert.Equal(
            (RunOutcome.Partial, late.Count),
            (later.Outcome, later.Differences.Count(difference => difference.Kind == DifferenceKind.Duplicate))
        );
        Assert.Equal(
            (false, (long)late.Count, 0L),
            (verified.Identical, verified.Folders.Single().Duplicates, verified.Folders.Single().Extra)
        );
        Assert.Equal(late.Count, verified.Differences.Count(difference => difference.Kind == DifferenceKind.Duplicate));
        Assert.Single(removing.Differences, difference => difference.Kind == DifferenceKind.Duplicate);
        Assert.Equal(6, target.Inbox.Messages.Count);
        Assert.Contains(target.Inbox.Messages, message => message.Uid == used);
    }

    [Fact]
    public async Task What_arrives_late_is_named_although_the_run_that_sent_it_again_ended_before_it_looked()
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap();
        await using var harness = new Harness(source, target);
        source.Inbox.Fill(5);
        var late = await InterruptAsync(harness, target);
        var ended = InspectionTests.End(target, command => command.Name == "UID FETCH" && target.Inbox.Messages.Count == 5);
        Assert.Equal(RunOutcome.Aborted, (await harness.RunAsync(Stop)).Outcome);
        Array.ForEach(ended, fault => fault.Healed = true);
        late.ForEach(content => target.Inbox.Add(content));

        var report = await harness.RunAsync(Stop);

        Assert.Equal(
            (RunOutcome.Partial, late.Count),
            (report.Outcome, report.Differences.Count(difference => difference.Kind == DifferenceKind.Duplicate))
        );
        Assert.Equal(5 + late.Count, target.Inbox.Messages.Count);
    }

    [Fact]
    public async Task A_strangers_message_with_the_same_body_is_no_second_copy()
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap { Store = InspectionTests.WithHeader };
        await using var harness = new Harness(source, target);
        source.Inbox.Fill(5);
        await InterruptAsync(harness, target);
        var delivered = false;
        target.Arm(
            "stranger",
            command =>
            {
                if (command.Name != "APPEND" || delivered)
                    return null;
                delivered = true;
                var answer = command.Session.Do(command);
                // As the jobs of one machine write every night: another message with the same words.
                target.Inbox.Add([.. "X-Stranger: 1\r\n"u8, .. ScriptedFolder.Letter(1)], date: "\"26-Nov-2026 04:00:00 +0000\"");
                return answer;
            }
        );
        harness.Job = harness.Job with { Options = harness.Job.Options with { RemoveLateDuplicates = true } };

        var report = await harness.RunAsync(Stop);

        Assert.DoesNotContain(report.Differences, difference => difference.Kind == DifferenceKind.Duplicate);
        Assert.Equal(6, target.Inbox.Messages.Count);
        Assert.Contains(target.Inbox.Messages, message => message.Content.AsSpan().StartsWith("X-Stranger"u8));
    }

    /// <summary>A run that ends in the middle of an append that never reaches the server.</summary>
    /// <returns>What was in progress.</returns>
    private static async Task<List<byte[]>> InterruptAsync(Harness harness, ScriptedImap target)
    {
        var late = new List<byte[]>();
        var ended = InspectionTests.End(
            target,
            command =>
            {
                if (command.Name == "APPEND")
                    late.AddRange(command.Literals);
                return command.Name == "APPEND";
            }
        );
        Assert.Equal(RunOutcome.Aborted, (await harness.RunAsync(Stop)).Outcome);
        Assert.Empty(target.Inbox.Messages);
        Array.ForEach(ended, fault => fault.Healed = true);
        return late;
    }
}
