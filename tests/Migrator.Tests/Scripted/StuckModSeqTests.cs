using Migrator.Core.Reports;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Scripted;

/// <summary>Servers that announce CONDSTORE and keep HIGHESTMODSEQ where it was, whatever changes.</summary>
public sealed class StuckModSeqTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Changed_flags_come_along_with_the_next_new_mail()
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap();
        await using var harness = new Harness(source, target);
        source.Inbox.Fill(5);
        source.Before = _ => Stick(source.Inbox);
        await harness.RunAsync(Stop);
        source.Inbox.Messages[1].Flags.Add("\\Seen");
        source.Inbox.Fill(1, first: 50);

        var report = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Complete, 1), (report.Outcome, report.Total.Delivered));
        Assert.Contains("\\Seen", target.Inbox.Messages[1].Flags);
    }

    [Fact]
    public async Task As_long_as_the_mod_sequence_moves_flags_are_asked_for_from_it_on()
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap();
        await using var harness = new Harness(source, target);
        source.Inbox.Fill(5);
        await harness.RunAsync(Stop);
        source.Inbox.Fill(1, first: 50);

        await harness.RunAsync(Stop);

        Assert.Contains(
            source.Commands,
            command => command.Name == "UID FETCH" && command.Arguments.Contains("CHANGEDSINCE", StringComparison.Ordinal)
        );
    }

    internal static void Stick(ScriptedFolder folder)
    {
        folder.ModSeq = 7;
        folder.Messages.ForEach(message => message.ModSeq = 7);
    }
}
