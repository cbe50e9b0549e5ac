using Migrator.Core.Reports;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Scripted;

/// <summary>What servers take in one line, and which flags they keep.</summary>
public sealed class WireLimitTests
{
    private const int Messages = 1500;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(8000, "BAD Command line too long")]
    [InlineData(2000, "BAD Command line too long")]
    [InlineData(1000, "NO line length exceeded")]
    [InlineData(1000, "BAD Error in IMAP command: invalid arguments")]
    public async Task No_line_is_longer_than_the_server_takes(int longest, string answer)
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap();
        await using var harness = new Harness(source, target);
        for (var number = 0; number < Messages; number++)
            source.Inbox.Add(ScriptedFolder.Letter(number), uid: 4_000_000_000 + (2 * (uint)number));
        var refusals = 0;
        source.Arm(
            "too long",
            command =>
                command.Arguments.Length + 20 <= longest
                    ? longest == 8000 && command.Name == "LOGOUT"
                        ? "OK bye"
                        : null
                    : ++refusals > 0
                        ? answer
                        : null
        );

        var report = await harness.RunAsync(Stop);
        foreach (var message in source.Inbox.Messages)
            message.ModSeq = ++source.Inbox.ModSeq;
        Assert.True(source.Inbox.Messages[0].Flags.Add(@"\Flagged"));
        var second = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Complete, Messages), (report.Outcome, report.Total.Delivered));
        Assert.Equal((RunOutcome.Complete, Messages), (second.Outcome, second.Total.AlreadyThere));
        Assert.Contains(@"\Flagged", target.Inbox.Messages[0].Flags);
        Assert.True(longest == 8000 ? refusals == 0 : refusals is > 0 and < 60, $"{refusals} lines were too long");
    }

    [Theory]
    [InlineData(null, @"\Seen $Label1")]
    [InlineData("", "")]
    [InlineData(@"\Seen", @"\Seen")]
    [InlineData(@"\Seen \*", @"\Seen $Label1")]
    public async Task Without_PERMANENTFLAGS_every_flag_may_be_kept(string? permanent, string kept)
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap { PermanentFlags = permanent };
        await using var harness = new Harness(source, target);
        source.Inbox.Add(ScriptedFolder.Letter(1), [@"\Seen", "$Label1"]);

        var report = await harness.RunAsync(Stop);

        Assert.Equal(RunOutcome.Complete, report.Outcome);
        Assert.Equal(kept.Split(' ', StringSplitOptions.RemoveEmptyEntries).Order(), target.Inbox.Messages[0].Flags.Order());
    }
}
