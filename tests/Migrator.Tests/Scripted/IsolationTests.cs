using Migrator.Core.Failures;
using Migrator.Core.Migrations;
using Migrator.Core.Reports;
using Migrator.Tests.Migrations;
using Migrator.Tests.Recovery;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Scripted;

/// <summary>One message that a server refuses, or that ends the connection, whatever it is asked of it: it fails alone.</summary>
public sealed class IsolationTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("RFC822.SIZE", null)]
    [InlineData("BODY.PEEK", null)]
    [InlineData("RFC822.SIZE", "NO [UNAVAILABLE] server error while fetching")]
    [InlineData("BODY.PEEK", "NO [UNAVAILABLE] server error while fetching")]
    [InlineData("RFC822.SIZE", "BAD what?")]
    [InlineData("BODY.PEEK", "NO no")]
    public async Task A_message_of_the_source_costs_itself(string item, string? answer)
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap();
        await using var harness = new Harness(source, target);
        source.Inbox.Fill(300);
        Poison(source, item, answer, 50, 200);

        var report = await harness.RunAsync(Stop, new ImmediateClock());
        var verified = await harness.VerifyAsync(Stop, new ImmediateClock());

        Assert.Equal((RunOutcome.Partial, 300, 298, 2), (report.Outcome, report.Total.Found, report.Total.Delivered, report.Total.Failed));
        Assert.Equal([50u, 200u], report.Failures.Select(failure => failure.Uid).Order());
        Assert.Null(report.Folders.Single().Failure);
        Assert.Equal(
            [50u, 200u],
            verified
                .Differences.Where(difference => difference.Kind == DifferenceKind.Missing)
                .Select(difference => difference.Uid!.Value)
                .Order()
        );
        Assert.Equal(298, verified.Folders.Single().Matched);
    }

    [Fact]
    public async Task A_message_that_ends_the_connection_when_asked_for_its_flags_holds_up_no_new_mail()
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap();
        await using var harness = new Harness(source, target);
        source.Inbox.Fill(300);
        await harness.RunAsync(Stop);
        source.Inbox.Fill(5, first: 900);
        foreach (var message in source.Inbox.Messages.Take(150))
            (_, message.ModSeq) = (message.Flags.Add("\\Seen"), ++source.Inbox.ModSeq);
        source.Arm(
            "flags",
            command =>
                command.Name == "UID FETCH"
                && !command.Arguments.Contains("RFC822.SIZE", StringComparison.Ordinal)
                && command.Arguments.Contains("FLAGS", StringComparison.Ordinal)
                && command.Named.Any(message => message.Uid == 100)
                    ? command.Drop()
                    : null
        );

        var report = await harness.RunAsync(Stop, new ImmediateClock());

        Assert.Equal((305, 5, 300), (report.Total.Found, report.Total.Delivered, report.Total.AlreadyThere));
        Assert.Equal((DifferenceKind.Flags, 100u), (Assert.Single(report.Differences).Kind, report.Differences[0].Uid!.Value));
        Assert.Equal(149, target.Inbox.Messages.Count(message => message.Flags.Contains("\\Seen")));
    }

    [Theory]
    [InlineData("RFC822.SIZE")]
    [InlineData("BODY.PEEK")]
    public async Task A_strangers_message_at_the_target_that_ends_the_connection_stands_in_nobodys_way(string item)
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap();
        await using var harness = new Harness(source, target);
        source.Inbox.Fill(60);
        target.Inbox.Fill(30);
        Poison(target, item, null, 7);

        var report = await harness.RunAsync(Stop, new ImmediateClock());

        Assert.Equal((60, 0), (report.Total.Found, report.Total.Failed));
        Assert.Equal((31, 29), (report.Total.Delivered, report.Total.AlreadyThere));
    }

    private static void Poison(ScriptedImap server, string item, string? answer, params uint[] uids) =>
        server.Arm(
            "poison",
            command =>
            {
                if (
                    command.Name != "UID FETCH"
                    || !command.Arguments.Contains(item, StringComparison.Ordinal)
                    || !command.Named.Any(message => uids.Contains(message.Uid))
                )
                    return null;
                // What comes before it is sent.
                foreach (var message in command.Named.TakeWhile(message => !uids.Contains(message.Uid)))
                    command.Session.SayFetch(message, command.Arguments);
                return answer ?? command.Drop();
            }
        );
}
