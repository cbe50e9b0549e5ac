using Migrator.Core.Reports;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Scripted;

/// <summary>The scripted server itself, with nothing scripted: what the other tests here find is what they scripted.</summary>
public sealed class PlainServerTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("IMAP4rev1 LITERAL+ UIDPLUS MULTIAPPEND NAMESPACE UNSELECT CHILDREN CONDSTORE")]
    [InlineData("IMAP4rev1 LITERAL+ UIDPLUS NAMESPACE UNSELECT CHILDREN LIST-EXTENDED LIST-STATUS")]
    [InlineData("IMAP4rev1")]
    public async Task A_mailbox_is_copied_verified_and_found_copied(string capabilities)
    {
        await using var source = new ScriptedImap { Capabilities = capabilities };
        await using var target = new ScriptedImap { Capabilities = capabilities };
        await using var harness = new Harness(source, target);
        source.Inbox.Fill(130);
        source.Folders["Work/Reports"] = new ScriptedFolder();
        source.Folders["Work/Reports"].Add(ScriptedFolder.Letter(500), [@"\Seen", "$Label1"]);

        var first = await harness.RunAsync(Stop);
        var verified = await harness.VerifyAsync(Stop);
        var second = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Complete, 131), (first.Outcome, first.Total.Delivered));
        Assert.True(verified.Identical);
        Assert.Equal((RunOutcome.Complete, 0, 131), (second.Outcome, second.Total.Delivered, second.Total.AlreadyThere));
        Assert.Equal(source.Inbox.Messages.Select(message => message.Content), target.Inbox.Messages.Select(message => message.Content));
        var labelled = Assert.Single(target.Folders["Work/Reports"].Messages);
        Assert.Equal([@"$Label1", @"\Seen"], labelled.Flags.Order());
    }
}
