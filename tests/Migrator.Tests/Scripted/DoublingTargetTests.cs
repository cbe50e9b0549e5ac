using Migrator.Core.Failures;
using Migrator.Core.Reports;
using Migrator.Tests.Migrations;
using Migrator.Tests.Recovery;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Scripted;

/// <summary>Targets that hold more than they say that they took.</summary>
public sealed class DoublingTargetTests
{
    private const int Messages = 6;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(AppendResultTests.OneByOne, "NO no", false)]
    [InlineData(AppendResultTests.OneByOne, "NO no", true)]
    [InlineData(AppendResultTests.Pipeline, "BAD bad", false)]
    [InlineData(AppendResultTests.Pipeline, "NO no", true)]
    public async Task A_message_that_is_stored_and_refused_is_not_sent_again(string capabilities, string refusal, bool always)
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap { Capabilities = capabilities };
        await using var harness = new Harness(source, target);
        source.Inbox.Fill(Messages);
        // Without its keyword, a message that is refused is tried once more.
        foreach (var message in source.Inbox.Messages)
            message.Flags.Add("$Work");
        var refused = 0;
        target.Arm(
            "stored and refused",
            command =>
            {
                if (command.Name != "APPEND" || (refused > 0 && !always))
                    return null;
                refused++;
                command.Session.Do(command);
                return refusal;
            }
        );

        var report = await harness.RunAsync(Stop, new ImmediateClock());
        var again = await harness.RunAsync(Stop, new ImmediateClock());

        Assert.Equal(always ? Messages : 1, refused);
        Assert.Equal(Messages, target.Inbox.Messages.Count);
        Assert.All([report, again], run => Assert.Equal((RunOutcome.Complete, 0), (run.Outcome, run.Differences.Count)));
    }

    [Theory]
    [InlineData(AppendResultTests.OneByOne)]
    [InlineData(AppendResultTests.Pipeline)]
    public async Task A_message_that_is_stored_twice_is_named_as_double(string capabilities)
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap { Capabilities = capabilities };
        await using var harness = new Harness(source, target);
        source.Inbox.Fill(Messages);
        var twice = false;
        target.Arm(
            "stored twice",
            command =>
            {
                if (command.Name != "APPEND" || twice)
                    return null;
                twice = true;
                command.Session.Do(command);
                return command.Session.Do(command);
            }
        );

        var report = await harness.RunAsync(Stop, new ImmediateClock());
        var again = await harness.RunAsync(Stop, new ImmediateClock());

        Assert.Equal(Messages + 1, target.Inbox.Messages.Count);
        Assert.All([report, again], run => Assert.Equal(RunOutcome.Partial, run.Outcome));
        Assert.Equal(DifferenceKind.Duplicate, Assert.Single(report.Differences).Kind);
    }

    [Fact]
    public async Task What_a_target_takes_and_never_returns_is_not_sent_without_end()
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap { Capabilities = "IMAP4rev1 LITERAL+ MULTIAPPEND" };
        await using var harness = new Harness(source, target);
        source.Inbox.Fill(Messages);
        var fault = target.Arm(
            "never returns",
            command =>
            {
                if (command.Name != "UID FETCH" || !command.Arguments.Contains("BODY", StringComparison.Ordinal))
                    return null;
                command.Say($"* 1 FETCH (UID {command.Named[0].Uid} BODY[] {{1}}");
                command.Say("From: nobody)");
                return command.Drop();
            }
        );

        var report = await harness.RunAsync(Stop, new ImmediateClock()).WaitAsync(TimeSpan.FromMinutes(1), Stop);
        var copies = target.Inbox.Messages.Count;
        fault.Healed = true;
        var next = await harness.RunAsync(Stop, new ImmediateClock());

        Assert.Equal((RunOutcome.Partial, true), (report.Outcome, report.Total.AddsUp));
        Assert.Contains(report.Failures, failure => failure.Failure.Code == Reason.NotConfirmed.Code);
        Assert.InRange(copies, Messages, 4 * Messages);
        Assert.Equal(copies, target.Inbox.Messages.Count);
        Assert.Equal((RunOutcome.Partial, 0), (next.Outcome, next.Total.Failed));
        // Of several copies more, one is named with each message.
        Assert.Equal(Messages, next.Differences.Count(difference => difference.Kind == DifferenceKind.Duplicate));
    }
}
