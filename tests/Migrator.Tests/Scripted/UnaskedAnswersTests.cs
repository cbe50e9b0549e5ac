using System.Text;
using Migrator.Core.Checkpoints;
using Migrator.Core.Mail;
using Migrator.Mail.Imap;
using Migrator.Tests.Archives;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Scripted;

/// <summary>A server speaks of each message whose flags are set. Nobody asked, and nobody takes these answers.</summary>
[Collection(nameof(RetainedMemoryTests.Alone))]
public sealed class UnaskedAnswersTests
{
    private const int Answers = 500;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_a_server_says_of_messages_while_flags_are_set_is_not_kept()
    {
        const int commands = 100;
        await using var server = new ScriptedImap();
        server.Inbox.Fill(1);
        var said = new StringBuilder("* 1 FETCH (UID 1 FLAGS ())");
        for (var uid = 2; uid <= Answers; uid++)
            said.Append($"\r\n* 1 FETCH (UID {uid} FLAGS (\\Seen))");
        server.Arm(
            "talkative",
            command =>
            {
                if (command.Name != "UID STORE")
                    return null;
                command.Say(said.ToString());
                return "OK done";
            }
        );
        await using var session = await new ImapConnector(Harness.Server(server.Port, "ann", null), "pass").OpenTargetAsync(
            ProcessLease.Instance,
            Stop
        );
        await session.OpenAsync(FolderPath.Inbox, Stop);
        await StoreAsync();
        var before = GC.GetTotalMemory(forceFullCollection: true);

        for (var command = 0; command < commands; command++)
            await StoreAsync();
        var taken = GC.GetTotalMemory(forceFullCollection: true) - before;

        Assert.True(taken < commands * Answers * 8, $"{taken:N0} bytes");

        Task StoreAsync() => session.StoreFlagsAsync([new TargetUid(1)], FlagSet.Parse("\\Seen"), FlagSet.None, Stop);
    }
}
