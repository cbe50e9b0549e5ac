using Migrator.Core.Checkpoints;
using Migrator.Core.Failures;
using Migrator.Core.Mail;
using Migrator.Mail.Imap;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Scripted;

/// <summary>Ranges in which a few bytes name 4 billion messages: below every limit on bytes, and more than any memory holds.</summary>
public sealed class EndlessRangeTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("1:4294967295")]
    [InlineData("4294967295:5")]
    [InlineData("1:3000000,1:3000000")]
    public async Task A_listing_of_more_messages_than_a_folder_has_is_refused(string range)
    {
        await using var server = new ScriptedImap { Capabilities = "IMAP4rev1 ESEARCH NAMESPACE" };
        server.Inbox.Fill(3);
        server.Arm(
            "range",
            command =>
            {
                if (command.Name != "UID SEARCH")
                    return null;
                command.Say($"* ESEARCH (TAG \"{command.Tag}\") UID ALL {range}");
                return "OK done";
            }
        );
        await using var source = await new ImapConnector(Harness.Server(server.Port, "ann", null), "secret").OpenSourceAsync(Stop);
        await source.OpenAsync(FolderPath.Inbox, Stop);

        var failure = await Assert.ThrowsAsync<MailException>(() => source.ListUidsAsync(1, Stop));

        Assert.Equal(Reason.AnswerTooLong, failure.Reason);
    }

    [Theory]
    [InlineData("1:4294967295 1:4294967295")]
    [InlineData("4294967295:1 4294967295:1")]
    [InlineData("1:2 7")]
    [InlineData("8:9 7:8")]
    public async Task Copies_that_do_not_fit_the_command_are_copies_without_a_UID(string ranges)
    {
        await using var server = new ScriptedImap();
        server.Inbox.Fill(3);
        server.Folders["Work"] = new ScriptedFolder();
        server.Arm("ranges", command => command.Name == "UID COPY" ? $"OK [COPYUID 5 {ranges}] copied" : null);
        await using var target = await new ImapConnector(Harness.Server(server.Port, "ann", null), "secret").OpenTargetAsync(
            ProcessLease.Instance,
            Stop
        );
        await target.OpenAsync(FolderPath.Inbox, Stop);

        Assert.Empty(await target.CopyAsync([new TargetUid(1), new TargetUid(2)], FolderPath.Parse("Work"), Stop));
    }

    [Fact]
    public async Task An_append_at_whose_answer_MailKit_fails_is_in_doubt_and_nothing_is_thrown()
    {
        await using var server = new ScriptedImap { Capabilities = AppendResultTests.OneByOne };
        server.Arm(
            "nonsense",
            command =>
            {
                if (command.Name != "APPEND")
                    return null;
                command.Say("* 4294967295 EXPUNGE");
                return "OK done";
            }
        );
        await using var target = await new ImapConnector(Harness.Server(server.Port, "ann", null), "secret").OpenTargetAsync(
            ProcessLease.Instance,
            Stop
        );
        await target.OpenAsync(FolderPath.Inbox, Stop);

        var result = await target.AppendAsync(
            [new OutgoingMessage(3, FlagSet.None, DateTimeOffset.UnixEpoch, () => new MemoryStream("a\r\n"u8.ToArray()))],
            Stop
        );

        Assert.Equal(AppendState.Unknown, Assert.Single(result.Messages).State);
        Assert.Equal(Reason.ConnectionLost, Assert.IsType<MailException>(result.Interruption).Reason);
    }
}
