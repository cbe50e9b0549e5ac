using Migrator.Core.Failures;
using Migrator.Core.Jobs;
using Migrator.Core.Mail;
using Migrator.Mail.Pop3;
using Migrator.Tests.Memory;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Mail;

/// <summary>Getting in by POP3, and being kept out with the right words.</summary>
public sealed class Pop3ConnectingTests(DovecotFixture servers)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private MailServer Tls => Harness.Server(servers.Old.Pop3sPort, "ann", servers.Old.Fingerprint) with { Protocol = MailProtocol.Pop3 };

    [Theory]
    [InlineData(AuthMethod.Auto)]
    [InlineData(AuthMethod.Login)]
    [InlineData(AuthMethod.Plain)]
    [InlineData(AuthMethod.CramMd5)]
    [InlineData(AuthMethod.ScramSha1)]
    [InlineData(AuthMethod.ScramSha256)]
    public Task Every_way_to_log_in(AuthMethod auth) => WorksAsync(Tls with { Auth = auth });

    [Theory]
    [InlineData(TlsMode.StartTls)]
    [InlineData(TlsMode.None)]
    public Task STLS_and_plaintext_on_the_other_port(TlsMode tls) => WorksAsync(Tls with { Port = servers.Old.Pop3Port, Tls = tls });

    [Theory]
    [InlineData(AuthMethod.Auto)]
    [InlineData(AuthMethod.Login)]
    [InlineData(AuthMethod.ScramSha256)]
    public Task A_wrong_password_is_named_as_such(AuthMethod auth) =>
        FailsAsync(Tls with { Auth = auth }, Reason.AuthenticationFailed, "wrong");

    [Fact]
    public Task A_password_cannot_be_a_command() =>
        FailsAsync(Tls with { Auth = AuthMethod.Login }, Reason.AuthenticationFailed, "wrong\r\nQUIT", words: "line break");

    [Fact]
    public Task A_self_signed_certificate_is_refused() =>
        FailsAsync(Tls with { Trust = CertificateTrust.System }, Reason.TlsUntrusted, words: servers.Old.Fingerprint);

    [Fact]
    public Task STLS_refuses_a_wrong_certificate_too() =>
        FailsAsync(
            Tls with
            {
                Port = servers.Old.Pop3Port,
                Tls = TlsMode.StartTls,
                Trust = new CertificateTrust(servers.New.Fingerprint, null),
            },
            Reason.TlsUntrusted,
            words: "not the pinned one"
        );

    [Fact]
    public Task Implicit_TLS_on_the_plain_port_is_named_as_such() => FailsAsync(Tls with { Port = servers.Old.Pop3Port }, Reason.TlsMode);

    [Fact]
    public Task A_port_that_speaks_IMAP_is_named_as_such() =>
        FailsAsync(Tls with { Port = servers.Old.ImapsPort }, Reason.TlsMode, words: "no POP3 server answered");

    [Fact]
    public Task An_unknown_host_is_named_as_such() => FailsAsync(Tls with { Host = "no-such-host.invalid" }, Reason.HostUnknown);

    [Fact]
    public Task A_refused_connection_is_named_as_such() =>
        FailsAsync(Tls with { Port = DovecotServer.FreePorts(1)[0] }, Reason.ConnectionRefused);

    [Fact]
    public async Task STLS_that_is_not_offered_is_not_done_without()
    {
        await using var proxy = new LoopbackProxy(servers.Old.Pop3Port) { FromServer = text => text.Replace("STLS\r\n", "") };

        await FailsAsync(Tls with { Port = proxy.Port, Tls = TlsMode.StartTls }, Reason.TlsMode, words: "STLS");
    }

    [Fact]
    public async Task What_was_sent_before_TLS_is_not_taken_for_what_is_said_in_it()
    {
        await using var proxy = new LoopbackProxy(servers.Old.Pop3Port)
        {
            FromServer = text => text.Replace("+OK Begin TLS negotiation now.\r\n", "+OK Begin TLS negotiation now.\r\n+OK\r\n.\r\n"),
        };

        await FailsAsync(Tls with { Port = proxy.Port, Tls = TlsMode.StartTls }, Reason.TlsMode, words: "before TLS began");
    }

    [Fact]
    public async Task A_way_to_log_in_that_is_not_offered_is_named_as_such()
    {
        await using var server = await DovecotServer.StartAsync(new DovecotOptions(Mechanisms: "plain"));

        await FailsAsync(
            Tls with
            {
                Port = server.Pop3Port,
                Tls = TlsMode.None,
                Auth = AuthMethod.CramMd5,
            },
            Reason.LoginUnsupported,
            words: "PLAIN"
        );
    }

    [Theory]
    [InlineData("-ERR [IN-USE] Mailbox is locked by another POP3 session.", "mailbox-locked")]
    [InlineData("-ERR maildrop already locked", "mailbox-locked")]
    [InlineData("-ERR [LOGIN-DELAY] minimum time between mail checks", "server-busy")]
    [InlineData("-ERR [SYS/TEMP] try again", "server-busy")]
    [InlineData("-ERR [AUTH] no", "authentication-failed")]
    [InlineData("-ERR [SYS/PERM] Your account is not enabled for POP access. Please visit your settings.", "protocol-disabled")]
    public async Task A_login_that_is_refused_for_now_is_tried_again(string says, string code)
    {
        await using var proxy = new LoopbackProxy(servers.Old.Pop3Port) { FromServer = text => text.Replace("+OK Logged in.", says) };

        await FailsAsync(Tls with { Port = proxy.Port, Tls = TlsMode.None }, Reason.All.Single(reason => reason.Code == code));
    }

    [Fact]
    public async Task A_connection_cut_while_logging_in_is_lost()
    {
        await using var proxy = new LoopbackProxy(servers.Old.Pop3Port)
        {
            CutWhen = (fromServer, text) => fromServer && text.Contains("Logged in"),
        };

        await FailsAsync(Tls with { Port = proxy.Port, Tls = TlsMode.None }, Reason.ConnectionLost);
    }

    [Fact]
    public async Task There_is_one_folder()
    {
        await using var session = await new Pop3Box(servers.Old).ConnectAsync(cancellationToken: Stop);

        var folder = Assert.Single(await session.ListFoldersAsync(Stop));
        Assert.Equal(new MailFolder(FolderPath.Inbox, SpecialUse.Inbox, true, true, null), folder);
        var exception = await Assert.ThrowsAsync<MailException>(() => session.OpenAsync(FolderPath.Parse("Sent"), Stop));
        Assert.Equal(Reason.FolderMissing, exception.Reason);
        Assert.Equal(new FolderState(1, 1, 0, 0), await session.OpenAsync(FolderPath.Inbox, Stop));
    }

    private static async Task WorksAsync(MailServer server)
    {
        await using var session = await Connector(server, DovecotServer.Password).OpenSourceAsync(Stop);

        Assert.Equal(1u, (await session.OpenAsync(FolderPath.Inbox, Stop)).UidValidity);
    }

    private static async Task FailsAsync(MailServer server, Reason reason, string password = DovecotServer.Password, string words = "")
    {
        var exception = await Assert.ThrowsAsync<MailException>(() => Connector(server, password).OpenSourceAsync(Stop));

        Assert.True(exception.Reason == reason, $"{exception.Reason.Code}: {exception.Message}");
        Assert.Contains(words, exception.Message);
        Assert.DoesNotContain(password, exception.Message);
    }

    private static Pop3Connector Connector(MailServer server, string password) =>
        new(server, password, new MemoryUidMap(), TimeProvider.System);
}
