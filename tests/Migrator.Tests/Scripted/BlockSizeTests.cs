using Migrator.Core.Reports;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Scripted;

/// <summary>Messages that end where a block of what is written to the connection does: all of it is sent before an answer is
/// awaited.</summary>
public sealed class BlockSizeTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("MULTIAPPEND ")]
    [InlineData("")]
    public async Task A_message_of_any_size_arrives(string capability)
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap();
        target.Capabilities = target.Capabilities.Replace("MULTIAPPEND ", capability, StringComparison.Ordinal);
        foreach (var size in new[] { 4096, 8192, 65_535, 65_536, 65_537, 131_072, 200_000 })
            source.Inbox.Add(
                new byte[size]
                    .Select(_ => (byte)'a')
                    .ToArray(),
                [],
                "\"17-May-1997 00:00:00 +0000\""
            );
        await using var harness = new Harness(source, target);

        var report = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Complete, 7), (report.Outcome, report.Total.Delivered));
        Assert.Equal(
            source.Inbox.Messages.Select(message => message.Content.Length),
            target.Inbox.Messages.Select(message => message.Content.Length)
        );
    }
}
