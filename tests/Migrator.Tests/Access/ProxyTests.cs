using Migrator.Core.Failures;
using Migrator.Core.Jobs;
using Migrator.Core.Mail;
using Migrator.Core.Reports;
using Migrator.Mail.Connections;
using Migrator.Mail.Imap;
using Migrator.Mail.Pop3;
using Migrator.Tests.Memory;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Access;

/// <summary>Servers that are reached through a proxy.</summary>
public sealed class ProxyTests(DovecotFixture servers)
{
    // No DNS knows it.
    private const string Name = "mail.behind-the-proxy.invalid";

    private static readonly ConnectionSecrets s_secrets = new(RealProxy.Password, null);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(ProxyKind.Socks5)]
    [InlineData(ProxyKind.Http)]
    public async Task A_migration_goes_through_a_real_proxy_with_a_login(ProxyKind kind)
    {
        await using var proxy = await RealProxy.StartAsync(kind);
        await using var harness = new Harness(servers.Old, servers.New);
        await using (var imap = await harness.SourceAsync())
            await Letters.FillAsync(imap, "INBOX", 1, 5);
        var source = harness.Job.Source with { Proxy = proxy.Server };
        var target = harness.Job.Target with { Proxy = proxy.Server };

        var report = await harness.RunAsync(
            Stop,
            endpoints: new(
                (_, stop) => new ImapConnector(source, DovecotServer.Password, secrets: s_secrets).OpenSourceAsync(stop),
                new ImapConnector(target, DovecotServer.Password, secrets: s_secrets).OpenTargetAsync
            )
        );

        Assert.Equal((RunOutcome.Complete, 5), (report.Outcome, report.Total.Delivered));
        await proxy.CarriedAsync(source.Port, 1, Stop);
        await proxy.CarriedAsync(target.Port, 1, Stop);
    }

    [Theory]
    [InlineData(ProxyKind.Socks5, MailProtocol.Imap, TlsMode.Implicit)]
    [InlineData(ProxyKind.Socks5, MailProtocol.Pop3, TlsMode.StartTls)]
    [InlineData(ProxyKind.Http, MailProtocol.Imap, TlsMode.StartTls)]
    [InlineData(ProxyKind.Http, MailProtocol.Pop3, TlsMode.Implicit)]
    public async Task The_proxy_looks_the_name_up_and_carries_everything(ProxyKind kind, MailProtocol protocol, TlsMode tls)
    {
        await using var proxy = new NameProxy(kind, Name);
        var old = servers.Old;
        var port = (protocol, tls) switch
        {
            (MailProtocol.Imap, TlsMode.Implicit) => old.ImapsPort,
            (MailProtocol.Imap, _) => old.ImapPort,
            (_, TlsMode.Implicit) => old.Pop3sPort,
            _ => old.Pop3Port,
        };
        var server = Harness.Server(port, "ann", old.Fingerprint) with
        {
            Host = Name,
            Tls = tls,
            Protocol = protocol,
            Proxy = proxy.Server,
        };

        await using (
            IMailSource session =
                protocol == MailProtocol.Imap
                    ? await new ImapConnector(server, DovecotServer.Password).OpenSourceAsync(Stop)
                    : await new Pop3Connector(server, DovecotServer.Password, new MemoryUidMap(), TimeProvider.System).OpenSourceAsync(Stop)
        )
            Assert.NotEmpty(await session.ListFoldersAsync(Stop));

        Assert.Equal([$"{Name}:{port}"], proxy.Asked);
        Assert.True(proxy.Carried > 100);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public async Task An_address_is_passed_as_one(string address)
    {
        foreach (var kind in Enum.GetValues<ProxyKind>())
        {
            await using var proxy = new NameProxy(kind, address.Contains(':') && kind == ProxyKind.Http ? $"[{address}]" : address);
            var server = Harness.Server(servers.Old.ImapsPort, "ann", servers.Old.Fingerprint) with
            {
                Host = address,
                Proxy = proxy.Server,
            };

            await using var session = await new ImapConnector(server, DovecotServer.Password).OpenSourceAsync(Stop);

            Assert.Single(proxy.Asked);
        }
    }

    [Theory]
    [InlineData(ProxyKind.Socks5)]
    [InlineData(ProxyKind.Http)]
    public async Task What_a_real_proxy_refuses_is_named(ProxyKind kind)
    {
        await using var proxy = await RealProxy.StartAsync(kind, allowed: servers.Old.ImapsPort);

        await FailsAsync(proxy.Server, Reason.ProxyLoginRefused, new ConnectionSecrets("wrong-5Jt", null), proxy.Server.ToString());
        await FailsAsync(proxy.Server with { User = "" }, Reason.ProxyLoginRefused, ConnectionSecrets.None);
        await FailsAsync(proxy.Server, Reason.ProxyDestination, s_secrets, host: "no-such-host.invalid");
        if (kind == ProxyKind.Http)
            await FailsAsync(proxy.Server, Reason.ProxyForbidden, s_secrets, port: servers.New.ImapsPort);
        else
            await FailsAsync(proxy.Server, Reason.ProxyDestination, s_secrets, "refused", port: DovecotServer.FreePorts(1)[0]);
    }

    [Theory]
    [InlineData(ProxyKind.Socks5, "\u0005\u0000\u0005\u0002\u0000\u0001\u0000\u0000\u0000\u0000\u0000\u0000", "proxy-forbidden", "rules")]
    [InlineData(
        ProxyKind.Socks5,
        "\u0005\u0000\u0005\u0004\u0000\u0001\u0000\u0000\u0000\u0000\u0000\u0000",
        "proxy-destination-unreachable",
        "host"
    )]
    [InlineData(
        ProxyKind.Socks5,
        "\u0005\u0000\u0005\u0009\u0000\u0001\u0000\u0000\u0000\u0000\u0000\u0000",
        "proxy-destination-unreachable",
        "code 9"
    )]
    [InlineData(ProxyKind.Socks5, "\u0005\u00ff", "proxy-login-refused", "login")]
    [InlineData(ProxyKind.Socks5, "\u0005\u0002", "proxy-login-refused", "login")]
    [InlineData(ProxyKind.Socks5, "\u0005\u0000\u0005\u0000", "proxy-unreachable", "ended the connection")]
    [InlineData(ProxyKind.Socks5, "\u0005\u0000\u0005\u0000\u0000\u0009", "proxy-unreachable", "SOCKS5")]
    [InlineData(ProxyKind.Socks5, "HTTP/1.1 400 Bad Request\r\n\r\n", "proxy-unreachable", "SOCKS5")]
    [InlineData(ProxyKind.Socks5, "", "proxy-unreachable", "ended the connection")]
    [InlineData(ProxyKind.Http, "HTTP/1.1 403 Filtered \u0007\r\n\r\n", "proxy-forbidden", "403 Filtered")]
    [InlineData(
        ProxyKind.Http,
        "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n\r\n",
        "proxy-login-refused",
        "407"
    )]
    [InlineData(ProxyKind.Http, "HTTP/1.0 504 Gateway Timeout\n\n", "proxy-destination-unreachable", "504")]
    [InlineData(ProxyKind.Http, "* OK IMAP4rev1 ready\r\n\r\n", "proxy-unreachable", "HTTP proxy")]
    [InlineData(ProxyKind.Http, "HTTP/1.1 200 OK\r\n", "proxy-unreachable", "ended the connection")]
    [InlineData(ProxyKind.Http, "", "proxy-unreachable", "ended the connection")]
    public async Task Whatever_a_proxy_says_instead_is_named_at_once(ProxyKind kind, string answer, string reason, string words)
    {
        await using var hostile = new HostileServer(async connection =>
        {
            await connection.SayAsync(answer);
            while (!words.StartsWith("ended", StringComparison.Ordinal) && await connection.ReadAsync() is not null) { }
        });

        var failed = await FailsAsync(
            new ProxyServer(kind, "127.0.0.1", hostile.Port, "", null),
            Reason.Find(reason)!,
            ConnectionSecrets.None,
            words
        );

        Assert.DoesNotContain('\u0007', failed.Message);
        Assert.Equal(1, hostile.Accepted);
    }

    [Fact]
    public async Task A_proxy_whose_headers_do_not_end_is_given_up()
    {
        await using var hostile = new HostileServer(connection => connection.FloodAsync("X"));

        await FailsAsync(
            new ProxyServer(ProxyKind.Http, "127.0.0.1", hostile.Port, "", null),
            Reason.ProxyUnreachable,
            ConnectionSecrets.None
        );
    }

    [Fact]
    public async Task A_proxy_that_cannot_be_reached_is_named() =>
        await FailsAsync(
            new ProxyServer(ProxyKind.Socks5, "127.0.0.1", DovecotServer.FreePorts(1)[0], "", null),
            Reason.ProxyUnreachable,
            ConnectionSecrets.None,
            "cannot be reached"
        );

    [Theory]
    [InlineData(ProxyKind.Socks5)]
    [InlineData(ProxyKind.Http)]
    public async Task A_silent_proxy_holds_nobody_up(ProxyKind kind)
    {
        await using var silent = new HostileServer(async connection =>
        {
            while (await connection.ReadAsync() is not null) { }
        });
        var server = Harness.Server(993, "ann", servers.Old.Fingerprint) with
        {
            Host = Name,
            Proxy = new ProxyServer(kind, "127.0.0.1", silent.Port, "", null),
        };

        var exception = await Assert.ThrowsAsync<MailException>(() =>
            new ImapConnector(server, "secret", new Recovery.SteppingClock(Task.CompletedTask)).OpenSourceAsync(Stop)
        );
        Assert.Equal(Reason.ProxyUnreachable, exception.Reason);
        using var cancelling = new CancellationTokenSource();
        var opening = new ImapConnector(server, "secret").OpenSourceAsync(cancelling.Token);
        while (silent.Accepted < 2)
            await Task.Delay(10, Stop);
        await cancelling.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => opening);
    }

    private async Task<MailException> FailsAsync(
        ProxyServer proxy,
        Reason reason,
        ConnectionSecrets secrets,
        string words = "",
        string host = "localhost",
        int? port = null
    )
    {
        var server = Harness.Server(port ?? servers.Old.ImapsPort, "ann", servers.Old.Fingerprint) with { Host = host, Proxy = proxy };

        var exception = await Assert.ThrowsAsync<MailException>(() =>
            new ImapConnector(server, DovecotServer.Password, secrets: secrets).OpenSourceAsync(Stop)
        );

        Assert.True(exception.Reason == reason, $"{exception.Reason.Code}: {exception.Message}");
        Assert.Contains(words, exception.Message);
        Assert.DoesNotContain(secrets.Proxy ?? "none", exception.Message);
        return exception;
    }
}
