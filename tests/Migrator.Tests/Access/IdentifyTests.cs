using Migrator.Core.Failures;
using Migrator.Core.Mail;
using Migrator.Mail.Imap;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Access;

/// <summary>Names and versions that client and server tell each other (ID, RFC 2971).</summary>
public sealed class IdentifyTests(DovecotFixture servers)
{
    private const string Capabilities = "IMAP4rev1 ID NAMESPACE";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_server_that_requires_it_opens_folders()
    {
        await using var server = new ScriptedImap { Capabilities = Capabilities };
        server.Inbox.Fill(2);
        server.Arm(
            "requiring",
            command =>
                command.Name is "SELECT" or "EXAMINE"
                && !server.Commands.Any(other => other.Session == command.Session && other.Name == "ID")
                    ? "NO SELECT Unsafe Login. Please contact kefu@188.com for help"
                    : null
        );
        await using var silent = await OpenAsync(server, identify: false);
        await Assert.ThrowsAsync<MailException>(() => silent.OpenAsync(FolderPath.Inbox, Stop));
        await using var session = await OpenAsync(server);

        Assert.Equal(2, (await session.OpenAsync(FolderPath.Inbox, Stop)).Count);

        var told = server.Commands.Single(command => command.Name == "ID").Arguments;
        Assert.Contains("\"name\" \"Migrator\"", told, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("\"version\"", told, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("IMAP4rev1 NAMESPACE", true)]
    [InlineData(Capabilities, false)]
    public async Task It_is_left_out_where_the_server_does_not_offer_it_or_the_job_says_so(string capabilities, bool identify)
    {
        await using var server = new ScriptedImap { Capabilities = capabilities };

        await using var session = await OpenAsync(server, identify);

        Assert.DoesNotContain(server.Commands, command => command.Name == "ID");
    }

    [Theory]
    [InlineData("NO no")]
    [InlineData("BAD what")]
    [InlineData("OK done")]
    public async Task An_answer_that_is_no_use_does_not_matter(string answer)
    {
        await using var server = new ScriptedImap { Capabilities = Capabilities };
        server.Arm("odd", command => command.Name == "ID" ? answer : null);

        await using var session = await OpenAsync(server);

        Assert.NotEmpty(await session.ListFoldersAsync(Stop));
        Assert.Equal(1, server.Accepted);
    }

    [Theory]
    [InlineData("* ID (\"name\" (")]
    [InlineData("* ID 42")]
    [InlineData("")]
    public async Task An_answer_that_breaks_the_connection_is_not_asked_for_again(string line)
    {
        await using var server = new ScriptedImap { Capabilities = Capabilities };
        var breaking = server.Arm(
            "breaking",
            command =>
            {
                if (command.Name != "ID")
                    return null;
                if (line.Length == 0)
                    return command.Drop();
                command.Say(line);
                return "OK done";
            }
        );
        var connector = new ImapConnector(Harness.Server(server.Port, "ann", null), DovecotServer.Password);

        await using var first = await connector.OpenSourceAsync(Stop);
        await using var second = await connector.OpenSourceAsync(Stop);

        Assert.NotEmpty(await first.ListFoldersAsync(Stop));
        Assert.NotEmpty(await second.ListFoldersAsync(Stop));
        Assert.Equal((1, 3), (breaking.Fired, server.Accepted));
    }

    [Fact]
    public async Task Real_servers_tell_their_names()
    {
        await using var dovecot = await new ImapConnector(
            Harness.Server(servers.Old.ImapsPort, "ann", servers.Old.Fingerprint),
            DovecotServer.Password
        ).OpenSourceAsync(Stop);
        Assert.Equal("Dovecot", dovecot.ServerName);

        await using var cyrus = await CyrusServer.StartAsync("ann");
        await using var session = await new ImapConnector(
            Harness.Server(cyrus.ImapsPort, "ann", cyrus.Fingerprint),
            DovecotServer.Password
        ).OpenSourceAsync(Stop);
        Assert.StartsWith("Cyrus IMAPD 3.", session.ServerName);
    }

    private static Task<IMailSource> OpenAsync(ScriptedImap server, bool identify = true) =>
        new ImapConnector(Harness.Server(server.Port, "ann", null) with { Identify = identify }, DovecotServer.Password).OpenSourceAsync(
            Stop
        );
}
