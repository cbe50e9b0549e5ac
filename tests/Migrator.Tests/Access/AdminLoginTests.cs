using Microsoft.Extensions.Configuration;
using Migrator.App.Hosting;
using Migrator.Core.Checkpoints;
using Migrator.Core.Failures;
using Migrator.Core.Jobs;
using Migrator.Core.Mail;
using Migrator.Core.Secrets;
using Migrator.Identity.Provider;
using Migrator.Mail.Connections;
using Migrator.Mail.Imap;
using Migrator.Mail.Pacing;
using Migrator.Mail.Pop3;
using Migrator.Tests.Identity;
using Migrator.Tests.Memory;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Access;

/// <summary>An administrator opens the mailboxes of others, on real servers.</summary>
public sealed class AdminLoginTests : IAsyncLifetime
{
    private const string AdminPassword = "master-4Kq9xZ";

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("admin");
    private DovecotServer _dovecot = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() =>
        _dovecot = await DovecotServer.StartAsync(
            new DovecotOptions(MasterPassword: AdminPassword, Users: ["ann", "bob"], Mechanisms: "plain login scram-sha-256")
        );

    public async ValueTask DisposeAsync()
    {
        await _dovecot.DisposeAsync();
        _directory.Delete(recursive: true);
    }

    [Theory]
    [InlineData(MailProtocol.Imap)]
    [InlineData(MailProtocol.Pop3)]
    public async Task An_administrator_opens_the_mailbox_of_each_user(MailProtocol protocol)
    {
        _dovecot.DeliverRaw("ann", Letters.Letter(1), DateTimeOffset.UnixEpoch);
        foreach (var (user, messages) in new[] { ("ann", 1), ("bob", 0) })
        {
            var server = Server(user, protocol);

            await using var session = await OpenAsync(server, AdminPassword);

            var state = await session.OpenAsync(FolderPath.Inbox, Stop);
            Assert.Equal(messages, state.Count);
            Assert.Contains($"://{user}@", server.Account);
        }
    }

    [Fact]
    public async Task The_name_of_an_administrator_may_be_a_part_of_the_user()
    {
        _dovecot.DeliverRaw("ann", Letters.Letter(1), DateTimeOffset.UnixEpoch);

        await using var session = await OpenAsync(
            Server($"ann*{DovecotServer.Master}", MailProtocol.Imap) with
            {
                Admin = null,
            },
            AdminPassword
        );

        Assert.Equal(1, (await session.OpenAsync(FolderPath.Inbox, Stop)).Count);
    }

    [Theory]
    [InlineData(MailProtocol.Imap, "ann", "wrong", "admin-refused")]
    [InlineData(MailProtocol.Pop3, "ann", "wrong", "admin-refused")]
    [InlineData(MailProtocol.Imap, "nobody", AdminPassword, "admin-not-allowed")]
    [InlineData(MailProtocol.Pop3, "nobody", AdminPassword, "admin-not-allowed")]
    public async Task Who_is_refused_is_named(MailProtocol protocol, string user, string password, string reason)
    {
        var exception = await Assert.ThrowsAsync<MailException>(() => OpenAsync(Server(user, protocol), password));

        Assert.Equal(reason, exception.Reason.Code);
        Assert.Contains($"{DovecotServer.Master} for {user} at localhost", exception.Message);
        Assert.DoesNotContain(password, exception.Message);
    }

    [Fact]
    public async Task Without_PLAIN_no_administrator_logs_in()
    {
        await using var server = new ScriptedImap { Capabilities = "IMAP4rev1 AUTH=SCRAM-SHA-256" };

        var exception = await Assert.ThrowsAsync<MailException>(() =>
            OpenAsync(Harness.Server(server.Port, "ann", null) with { Admin = new AdminLogin("root", AdminMethod.Plain) }, AdminPassword)
        );

        Assert.Equal(Reason.LoginUnsupported, exception.Reason);
        Assert.DoesNotContain(server.Commands, command => command.Name is "LOGIN" or "AUTHENTICATE");
    }

    [Fact]
    public async Task Cyrus_lets_its_proxyservers_in_and_nobody_else()
    {
        await using var cyrus = await CyrusServer.StartAsync("ann", "bob");
        var server = Harness.Server(cyrus.ImapsPort, "ann", cyrus.Fingerprint);
        await using (var imap = await cyrus.LogInAsync("ann"))
            await imap.RunAsync("CREATE INBOX/Mine");

        await using var session = await OpenAsync(
            server with
            {
                Admin = new AdminLogin(CyrusServer.ProxyAdmin, AdminMethod.Plain),
            },
            DovecotServer.Password
        );
        Assert.Contains(await session.ListFoldersAsync(Stop), folder => folder.Path.ToString().EndsWith("Mine", StringComparison.Ordinal));

        var exception = await Assert.ThrowsAsync<MailException>(() =>
            OpenAsync(server with { Admin = new AdminLogin("bob", AdminMethod.Plain) }, DovecotServer.Password)
        );
        Assert.Equal(Reason.AdminRefused, exception.Reason);
    }

    [Theory]
    [InlineData("s3cret \"quoted\" \\ word")]
    [InlineData("p\u00e4ssword")]
    public async Task PROXYAUTH_changes_to_the_user_before_anything_else_is_asked(string password)
    {
        await using var server = new ScriptedImap { Capabilities = "IMAP4rev1 NAMESPACE X-SUN-IMAP" };
        server.Inbox.Fill(2);
        server.Arm("changing", command => command.Name == "PROXYAUTH" ? "OK Completed" : null);
        var logs = new ProtocolLogs(_directory.FullName, TimeProvider.System);

        await using (var session = await new ImapConnector(ByProxyAuth(server), password, logs: logs).OpenSourceAsync(Stop))
            Assert.Equal(2, (await session.OpenAsync(FolderPath.Inbox, Stop)).Count);

        var commands = server.Commands.ToList();
        Assert.Equal(["LOGIN", "PROXYAUTH"], commands.Take(2).Select(command => command.Name));
        Assert.Equal("\"ann\"", commands[1].Arguments);
        var login = commands[0];
        Assert.Equal("root", ScriptedSession.Argument(login.Arguments, login.Literals));
        Assert.Equal(
            password,
            login.Literals is [var literal]
                ? System.Text.Encoding.UTF8.GetString(literal)
                : ScriptedSession.Argument(login.Arguments[(login.Arguments.IndexOf(' ') + 1)..], [])
        );
        Assert.DoesNotContain(commands, command => command.Name == "AUTHENTICATE");
        var log = File.ReadAllText(Assert.Single(_directory.GetFiles()).FullName);
        Assert.Contains("PROXYAUTH ann", log);
        Assert.DoesNotContain(password[..4], log);
    }

    [Theory]
    [InlineData("LOGIN", "NO [AUTHENTICATIONFAILED] Authentication failed", "admin-refused")]
    [InlineData("LOGIN", "NO Login failed", "admin-refused")]
    [InlineData("LOGIN", "NO [UNAVAILABLE] try again", "temporary-failure")]
    [InlineData("PROXYAUTH", "NO User unknown", "admin-not-allowed")]
    [InlineData("PROXYAUTH", "BAD unknown command", "admin-not-allowed")]
    public async Task PROXYAUTH_that_is_refused_is_named(string name, string answer, string reason)
    {
        await using var server = new ScriptedImap();
        server.Arm("refusing", command => command.Name == name ? answer : null);

        var exception = await Assert.ThrowsAsync<MailException>(() => OpenAsync(ByProxyAuth(server), AdminPassword));

        Assert.Equal(reason, exception.Reason.Code);
        Assert.Equal(1, server.Commands.Count(command => command.Name == "LOGIN"));
        Assert.DoesNotContain(AdminPassword, exception.Message);
    }

    [Fact]
    public async Task A_connection_that_is_lost_at_PROXYAUTH_does_not_send_the_password_again()
    {
        await using var server = new ScriptedImap();
        server.Arm("dropping", command => command.Name == "LOGIN" ? command.Drop() : null);

        var exception = await Assert.ThrowsAsync<MailException>(() => OpenAsync(ByProxyAuth(server), AdminPassword));

        Assert.Equal(Reason.ConnectionLost, exception.Reason);
        Assert.Single(server.Commands);
    }

    [Fact]
    public async Task The_password_of_an_administrator_is_looked_up_once_for_all_mailboxes()
    {
        var asked = Path.Combine(_directory.FullName, "asked");
        var job = Path.Combine(_directory.FullName, "job.json");
        await File.WriteAllTextAsync(
            job,
            $$"""
            {
              "source": {
                "host": "localhost", "port": {{_dovecot.ImapsPort}}, "user": "{name}",
                "certificate": { "fingerprint": "{{_dovecot.Fingerprint}}" },
                "adminUser": "{{DovecotServer.Master}}", "adminPassword": "command:echo $MIGRATOR_USER >> {{asked}}; echo {{AdminPassword}}"
              },
              "target": { "host": "localhost", "user": "{name}", "password": "env:NEW" },
              "mailboxes": ["ann", "bob"]
            }
            """,
            Stop
        );
        var secrets = new SecretStore(new ConfigurationBuilder().Build(), mayAsk: false, Stop);
        using var tokens = new TokenProvider(TestLogins.None, TimeProvider.System);
        var sessions = new SessionFactory(
            secrets,
            tokens,
            new Pacers(() => throw new NotSupportedException(), TimeProvider.System),
            null,
            TimeProvider.System
        );

        foreach (var mailbox in JobFile.Read(job).Mailboxes)
        {
            await using var session = await sessions.Source(((MigrateJob)mailbox.Job).Source, "job")(new MemoryUidMap(), Stop);
            Assert.NotEmpty(await session.ListFoldersAsync(Stop));
        }

        Assert.Equal([DovecotServer.Master], await File.ReadAllLinesAsync(asked, Stop));
    }

    private static MailServer ByProxyAuth(ScriptedImap server) =>
        Harness.Server(server.Port, "ann", null) with
        {
            Admin = new AdminLogin("root", AdminMethod.ProxyAuth),
        };

    private MailServer Server(string user, MailProtocol protocol) =>
        Harness.Server(protocol == MailProtocol.Pop3 ? _dovecot.Pop3sPort : _dovecot.ImapsPort, user, _dovecot.Fingerprint) with
        {
            Protocol = protocol,
            Admin = new AdminLogin(DovecotServer.Master, AdminMethod.Plain),
        };

    private static async Task<IMailSource> OpenAsync(MailServer server, string password) =>
        server.Protocol == MailProtocol.Pop3
            ? await new Pop3Connector(server, password, new MemoryUidMap(), TimeProvider.System).OpenSourceAsync(Stop)
            : await new ImapConnector(server, password).OpenSourceAsync(Stop);
}
