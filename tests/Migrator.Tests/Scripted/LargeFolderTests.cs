using Migrator.Core.Reports;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Scripted;

/// <summary>A folder of many messages, in which little changes: what is asked depends on the changes.</summary>
public sealed class LargeFolderTests
{
    // More than the flags of which are asked for in one command.
    private const int Messages = 5_100;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Flags_are_asked_for_where_they_changed_and_nowhere_else()
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap();
        await using var harness = new Harness(source, target);
        await CopyAsync(harness, source);
        Flag(source, Messages / 2);
        var before = source.Commands.Count;

        var report = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Complete, 0), (report.Outcome, report.Total.Delivered));
        Assert.Contains("\\Flagged", target.Inbox.Messages[Messages / 2].Flags);
        var asked = source
            .Commands.Skip(before)
            .Where(command => command.Name == "UID FETCH" && command.Arguments.Contains("FLAGS", StringComparison.Ordinal))
            .SelectMany(command => command.Named);
        Assert.Equal([source.Inbox.Messages[Messages / 2].Uid], asked.Select(message => message.Uid));
    }

    [Fact]
    public async Task A_server_that_cuts_searches_is_not_asked_by_a_search_which_flags_changed()
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap();
        await using var harness = new Harness(source, target);
        // Without a word, unlike RFC 9738: a tenth of what there is, of all that is searched at once.
        var limit = source.Arm(
            "limit",
            command =>
            {
                if (command.Name != "UID SEARCH" || command.Arguments.Contains("UID ", StringComparison.Ordinal))
                    return null;
                command.Say($"* SEARCH {string.Join(' ', command.Session.Open!.Messages.TakeLast(500).Select(message => message.Uid))}");
                return "OK done";
            }
        );
        await CopyAsync(harness, source);
        Flag(source, 3);

        var report = await harness.RunAsync(Stop);

        Assert.True(limit.Fired > 0);
        Assert.Equal(RunOutcome.Complete, report.Outcome);
        Assert.Contains("\\Flagged", target.Inbox.Messages[3].Flags);
    }

    [Fact]
    public async Task A_server_that_refuses_to_search_for_changes_is_asked_for_the_flags()
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap();
        await using var harness = new Harness(source, target);
        var refusal = source.Arm(
            "no MODSEQ",
            command => command.Arguments.StartsWith("MODSEQ", StringComparison.Ordinal) ? "BAD unknown search key" : null
        );
        await CopyAsync(harness, source);
        Flag(source, 3);

        var report = await harness.RunAsync(Stop);

        Assert.Equal(1, refusal.Fired);
        Assert.Equal(RunOutcome.Complete, report.Outcome);
        Assert.Contains("\\Flagged", target.Inbox.Messages[3].Flags);
    }

    private static async Task CopyAsync(Harness harness, ScriptedImap source)
    {
        source.Inbox.Fill(Messages);
        Assert.Equal(RunOutcome.Complete, (await harness.RunAsync(Stop)).Outcome);
    }

    private static void Flag(ScriptedImap source, int message)
    {
        source.Inbox.Messages[message].Flags.Add("\\Flagged");
        source.Inbox.Messages[message].ModSeq = ++source.Inbox.ModSeq;
    }
}
