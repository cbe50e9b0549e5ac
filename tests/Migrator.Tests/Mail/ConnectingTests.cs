using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using Migrator.Core.Checkpoints;
using Migrator.Core.Failures;
using Migrator.Core.Jobs;
using Migrator.Core.Mail;
using Migrator.Core.Secrets;
using Migrator.Mail.Connections;
using Migrator.Mail.Imap;
using Migrator.Mail.Smtp;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Mail;

/// <summary>Getting in, by every way there is, and being kept out with the right words.</summary>
public sealed class ConnectingTests(DovecotFixture servers)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private MailServer Tls => Harness.Server(servers.Old.ImapsPort, "ann", servers.Old.Fingerprint);

    [Theory]
    [InlineData(AuthMethod.Auto)]
    [InlineData(AuthMethod.Login)]
    [InlineData(AuthMethod.Plain)]
    [InlineData(AuthMethod.CramMd5)]
    [InlineData(AuthMethod.ScramSha1)]
    [InlineData(AuthMethod.ScramSha256)]
    public async Task Every_way_to_log_in(AuthMethod auth)
    {
        await using var session = await new ImapConnector(Tls with { Auth = auth }, DovecotServer.Password).OpenSourceAsync(Stop);

        Assert.NotEmpty(await session.ListFoldersAsync(Stop));
    }

    [Theory]
    [InlineData(TlsMode.StartTls)]
    [InlineData(TlsMode.None)]
    public async Task StartTls_and_plaintext_on_the_other_port(TlsMode tls)
    {
        var server = Tls with { Port = servers.Old.ImapPort, Tls = tls };

        await using var session = await new ImapConnector(server, DovecotServer.Password).OpenSourceAsync(Stop);

        Assert.NotEmpty(await session.ListFoldersAsync(Stop));
    }

    [Theory]
    [InlineData(AuthMethod.Auto)]
    [InlineData(AuthMethod.Login)]
    [InlineData(AuthMethod.ScramSha256)]
    public Task A_wrong_password_is_named_as_such(AuthMethod auth) =>
        FailsAsync(Tls with { Auth = auth }, Reason.AuthenticationFailed, "wrong");

    [Fact]
    public Task A_self_signed_certificate_is_refused() =>
        FailsAsync(Tls with { Trust = CertificateTrust.System }, Reason.TlsUntrusted, words: servers.Old.Fingerprint);

    [Fact]
    public Task Another_certificate_than_the_pinned_one_is_refused() =>
        FailsAsync(
            Tls with
            {
                Trust = new CertificateTrust(servers.New.Fingerprint, null),
            },
            Reason.TlsUntrusted,
            words: "not the pinned one"
        );

    [Fact]
    public Task STARTTLS_refuses_a_wrong_certificate_too() =>
        FailsAsync(Tls with { Port = servers.Old.ImapPort, Tls = TlsMode.StartTls, Trust = CertificateTrust.System }, Reason.TlsUntrusted);

    [Theory]
    [InlineData(TlsMode.None)]
    [InlineData(TlsMode.StartTls)]
    public async Task A_connection_that_ends_before_the_greeting_is_opened_again(TlsMode tls)
    {
        await using var proxy = new LoopbackProxy(servers.Old.ImapPort)
        {
            CutWhen = Recovery.LostConnectionTests.Nth(1, fromServer: true, "* OK"),
        };

        await using var session = await new ImapConnector(
            Tls with
            {
                Port = proxy.Port,
                Tls = tls,
            },
            DovecotServer.Password
        ).OpenSourceAsync(Stop);

        Assert.NotEmpty(await session.ListFoldersAsync(Stop));
        Assert.Equal(1, proxy.Cuts);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(ProxyKind.Socks5)]
    [InlineData(ProxyKind.Http)]
    public async Task The_round_trip_is_that_to_the_server_and_not_to_a_proxy(ProxyKind? kind)
    {
        var away = TimeSpan.FromMilliseconds(60);
        await using var proxy = kind is { } real ? await RealProxy.StartAsync(real) : null;
        await using var server = new LoopbackProxy(servers.Old.ImapPort) { HoldUp = () => Task.Delay(away) };

        await using var session = await new ImapConnector(
            Tls with
            {
                Port = server.Port,
                Tls = TlsMode.StartTls,
                Proxy = proxy?.Server,
            },
            DovecotServer.Password,
            secrets: new ConnectionSecrets(proxy is null ? null : RealProxy.Password, null)
        ).OpenSourceAsync(Stop);

        Assert.InRange(session.RoundTrip, away / 2, TimeSpan.FromMinutes(1));
    }

    [Theory]
    [InlineData("T1 OK", "T1 NO", "does not offer STARTTLS")]
    [InlineData("* OK", "* PREAUTH", "PREAUTH")]
    [InlineData("* OK", "220 smtp", "no IMAP server answered")]
    [InlineData("negotiation now.\r\n", "negotiation now.\r\n* CAPABILITY IMAP4rev1\r\nA00000000 OK injected\r\n", "")]
    public async Task STARTTLS_that_does_not_lead_into_TLS_is_not_done_without(string said, string instead, string words)
    {
        await using var proxy = new LoopbackProxy(servers.Old.ImapPort)
        {
            FromServer = text => text.Replace(said, instead, StringComparison.Ordinal),
        };

        await FailsAsync(Tls with { Port = proxy.Port, Tls = TlsMode.StartTls }, Reason.TlsMode, words: words);
    }

    [Fact]
    public async Task After_STARTTLS_appends_are_pipelined_too()
    {
        await using var server = await DovecotServer.StartAsync(new DovecotOptions(Hidden: ["MULTIAPPEND"]));
        var target = Harness.Server(server.ImapPort, "ann", server.Fingerprint) with { Tls = TlsMode.StartTls };
        await using var session = await new ImapConnector(target, DovecotServer.Password).OpenTargetAsync(ProcessLease.Instance, Stop);
        await session.OpenAsync(FolderPath.Inbox, Stop);

        var result = await session.AppendAsync(
            [
                .. Enumerable
                    .Range(1, 5)
                    .Select(number => new OutgoingMessage(
                        Letters.Letter(number).Length,
                        FlagSet.None,
                        DateTimeOffset.UnixEpoch,
                        () => new MemoryStream(Letters.Letter(number))
                    )),
            ],
            Stop
        );

        Assert.Equal(64, session.Traits.MaxBatch);
        Assert.Equal([1u, 2, 3, 4, 5], result.Messages.Select(message => message.Uid));
    }

    [Fact]
    public async Task An_expired_certificate_is_refused_even_from_a_trusted_authority()
    {
        await using var server = await DovecotServer.StartAsync(
            new DovecotOptions(Certificate: TestCertificates.SelfSigned("localhost", TimeProvider.System.GetUtcNow().AddDays(-1)))
        );
        var file = await PemAsync(server.Certificate);

        await FailsAsync(
            Tls with
            {
                Port = server.ImapsPort,
                Trust = new CertificateTrust(null, file),
            },
            Reason.TlsUntrusted,
            words: "expired"
        );

        File.Delete(file);
    }

    [Fact]
    public async Task An_authority_from_a_file_is_trusted_for_the_right_name_only()
    {
        var (certificate, authority) = TestCertificates.Issued("localhost");
        await using var server = await DovecotServer.StartAsync(new DovecotOptions(Certificate: certificate));
        var file = await PemAsync(authority);
        var trusted = Tls with { Port = server.ImapsPort, Trust = new CertificateTrust(null, file) };

        await using (var session = await new ImapConnector(trusted, DovecotServer.Password).OpenSourceAsync(Stop))
            Assert.NotEmpty(await session.ListFoldersAsync(Stop));
        await FailsAsync(trusted with { Trust = CertificateTrust.System }, Reason.TlsUntrusted);
        await FailsAsync(trusted with { Host = "127.0.0.2" }, Reason.ConnectionRefused);
        File.Delete(file);
        await FailsAsync(trusted, Reason.TlsUntrusted, words: "cannot be read");
    }

    [Fact]
    public async Task A_certificate_for_another_name_is_refused()
    {
        var (certificate, authority) = TestCertificates.Issued("mail.example.org");
        await using var server = await DovecotServer.StartAsync(new DovecotOptions(Certificate: certificate));
        var file = await PemAsync(authority);

        await FailsAsync(
            Tls with
            {
                Port = server.ImapsPort,
                Trust = new CertificateTrust(null, file),
            },
            Reason.TlsUntrusted,
            words: "not for localhost"
        );

        File.Delete(file);
    }

    [Theory]
    [InlineData(TestCertificates.ForClients)]
    [InlineData(TestCertificates.ForMail)]
    public async Task A_certificate_of_the_authority_that_is_not_for_servers_is_refused_unless_it_is_pinned(string usage)
    {
        var (certificate, authority) = TestCertificates.Issued("localhost", usage);
        await using var server = await DovecotServer.StartAsync(new DovecotOptions(Certificate: certificate));
        var file = await PemAsync(authority);
        var trusted = Tls with { Port = server.ImapsPort, Trust = new CertificateTrust(null, file) };

        await FailsAsync(trusted, Reason.TlsUntrusted, words: "not for servers");
        await FailsAsync(trusted with { Port = server.ImapPort, Tls = TlsMode.StartTls }, Reason.TlsUntrusted, words: "not for servers");
        await using var session = await new ImapConnector(
            trusted with
            {
                Trust = new CertificateTrust(server.Fingerprint, null),
            },
            DovecotServer.Password
        ).OpenSourceAsync(Stop);
        Assert.NotEmpty(await session.ListFoldersAsync(Stop));

        File.Delete(file);
    }

    [Fact]
    public async Task A_pinned_certificate_is_judged_without_a_request_to_its_issuer()
    {
        var elsewhere = new TcpListener(IPAddress.Loopback, 0);
        elsewhere.Start();
        var issuer = new Uri($"http://127.0.0.1:{((IPEndPoint)elsewhere.LocalEndpoint).Port}/authority.cer");
        var (certificate, _) = TestCertificates.Issued("localhost", TestCertificates.ForServers, issuer, []);
        await using var server = await DovecotServer.StartAsync(new DovecotOptions(Certificate: certificate));

        await using var session = await new ImapConnector(
            Tls with
            {
                Port = server.ImapsPort,
                Trust = new CertificateTrust(server.Fingerprint, null),
            },
            DovecotServer.Password
        ).OpenSourceAsync(Stop);

        // It may be behind a firewall, where each connection would wait for it, or be an address of somebody else's choice.
        Assert.False(elsewhere.Pending());
        elsewhere.Stop();
    }

    [Fact]
    public async Task A_certificate_of_the_authority_that_is_for_servers_is_accepted()
    {
        var (certificate, authority) = TestCertificates.Issued("localhost", TestCertificates.ForServers);
        await using var server = await DovecotServer.StartAsync(new DovecotOptions(Certificate: certificate));
        var file = await PemAsync(authority);

        await using var session = await new ImapConnector(
            Tls with
            {
                Port = server.ImapsPort,
                Trust = new CertificateTrust(null, file),
            },
            DovecotServer.Password
        ).OpenSourceAsync(Stop);

        Assert.NotEmpty(await session.ListFoldersAsync(Stop));
        File.Delete(file);
    }

    [Theory]
    [InlineData(TestCertificates.ForClients, "not for servers")]
    [InlineData(TestCertificates.ForServers, null)]
    public async Task A_mail_server_for_notifications_needs_a_certificate_for_servers_too(string usage, string? words)
    {
        var (certificate, authority) = TestCertificates.Issued("localhost", usage);
        await using var smtp = await SmtpServer.StartAsync(servers.New, certificate);
        var file = await PemAsync(authority);
        var server = new MailServer(
            "localhost",
            smtp.Port,
            TlsMode.StartTls,
            SmtpServer.User,
            new SecretReference(SecretSource.Env, "NONE"),
            AuthMethod.Auto,
            new CertificateTrust(null, file),
            MailProtocol.Smtp
        );

        var failures = await new SmtpSender(server, () => SmtpServer.Password).SendAsync(
            new OutgoingMail(SmtpServer.User, "Sample", "sample", DateTimeOffset.UnixEpoch, "x", "<p>x</p>", "x.json", [123, 125]),
            ["ann@example.org"],
            Stop
        );

        if (words is null)
        {
            Assert.Empty(failures);
        }
        else
        {
            Assert.Equal(Reason.TlsUntrusted, failures["ann@example.org"].Reason);
            Assert.Contains(words, failures["ann@example.org"].Message);
        }
        File.Delete(file);
    }

    [Fact]
    public Task Implicit_TLS_on_the_plain_port_is_named_as_such() => FailsAsync(Tls with { Port = servers.Old.ImapPort }, Reason.TlsMode);

    [Fact]
    public Task An_unknown_host_is_named_as_such() => FailsAsync(Tls with { Host = "no-such-host.invalid" }, Reason.HostUnknown);

    [Fact]
    public Task A_refused_connection_is_named_as_such() =>
        FailsAsync(Tls with { Port = DovecotServer.FreePorts(1)[0] }, Reason.ConnectionRefused);

    [Fact]
    public async Task What_keeps_us_out_is_named_as_such_while_the_library_counts_too()
    {
        MailMeters.Enable();
        using var listener = new MeterListener { InstrumentPublished = (instrument, its) => its.EnableMeasurementEvents(instrument) };
        listener.Start();
        var away = Tls with { Port = DovecotServer.FreePorts(1)[0] };

        await FailsAsync(away, Reason.ConnectionRefused);
        await FailsAsync(Tls with { Host = "no-such-host.invalid" }, Reason.HostUnknown);
        await FailsAsync(Tls with { Port = servers.Old.ImapPort }, Reason.TlsMode);
        await FailsAsync(Tls, Reason.AuthenticationFailed, "wrong");
        var target = await Assert.ThrowsAsync<MailException>(() =>
            new ImapConnector(away, DovecotServer.Password).OpenTargetAsync(ProcessLease.Instance, Stop)
        );
        Assert.Equal(Reason.ConnectionRefused, target.Reason);
    }

    [Fact]
    public async Task A_way_to_log_in_that_is_not_offered_is_named_as_such()
    {
        await using var server = await DovecotServer.StartAsync(new DovecotOptions(Mechanisms: "plain"));

        await FailsAsync(
            Harness.Server(server.ImapsPort, "ann", server.Fingerprint) with
            {
                Auth = AuthMethod.CramMd5,
            },
            Reason.LoginUnsupported,
            words: "PLAIN"
        );
    }

    private static async Task FailsAsync(MailServer server, Reason reason, string password = DovecotServer.Password, string words = "")
    {
        var exception = await Assert.ThrowsAsync<MailException>(() => new ImapConnector(server, password).OpenSourceAsync(Stop));

        Assert.True(exception.Reason == reason, $"{exception.Reason.Code}: {exception.Message}");
        Assert.Contains(words, exception.Message);
        Assert.DoesNotContain(password, exception.Message);
    }

    private static async Task<string> PemAsync(System.Security.Cryptography.X509Certificates.X509Certificate2 certificate)
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, certificate.ExportCertificatePem());
        return file;
    }
}
