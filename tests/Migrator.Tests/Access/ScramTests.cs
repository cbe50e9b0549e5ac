using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Migrator.Core.Failures;
using Migrator.Core.Jobs;
using Migrator.Mail.Imap;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Access;

/// <summary>SCRAM, with longer hashes and bound to TLS.</summary>
public sealed class ScramTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Cyrus_takes_every_kind_and_a_man_in_the_middle_cannot_pass_on_what_is_bound()
    {
        await using var cyrus = await CyrusServer.StartAsync("ann");
        using var certificate = TestCertificates.SelfSigned("localhost");
        await using var between = new TlsBetween(cyrus.ImapsPort, certificate);
        AuthMethod[] loose = [AuthMethod.ScramSha1, AuthMethod.ScramSha256, AuthMethod.ScramSha512];
        AuthMethod[] bound = [AuthMethod.ScramSha1Plus, AuthMethod.ScramSha256Plus, AuthMethod.ScramSha512Plus];

        foreach (var auth in loose.Concat(bound))
        {
            await OpenAsync(Harness.Server(cyrus.ImapsPort, "ann", cyrus.Fingerprint) with { Auth = auth });
            await OpenAsync(Harness.Server(cyrus.Port, "ann", cyrus.Fingerprint) with { Auth = auth, Tls = TlsMode.StartTls });
        }
        // As if an authority that this side trusts had issued it.
        var man = Harness.Server(between.Port, "ann", certificate.GetCertHashString(System.Security.Cryptography.HashAlgorithmName.SHA256));
        foreach (var auth in loose)
            await OpenAsync(man with { Auth = auth });
        foreach (var auth in bound)
        {
            var exception = await Assert.ThrowsAsync<MailException>(() => OpenAsync(man with { Auth = auth }));
            Assert.Contains("bound to TLS", exception.Message);
        }
        var wrong = await Assert.ThrowsAsync<MailException>(() =>
            new ImapConnector(
                Harness.Server(cyrus.ImapsPort, "ann", cyrus.Fingerprint) with
                {
                    Auth = AuthMethod.ScramSha512,
                },
                "wrong"
            ).OpenSourceAsync(Stop)
        );
        Assert.Equal(Reason.AuthenticationFailed, wrong.Reason);
    }

    [Fact]
    public async Task A_binding_that_the_server_leaves_out_of_its_offer_is_not_done_without()
    {
        await using var dovecot = await DovecotServer.StartAsync();

        var exception = await Assert.ThrowsAsync<MailException>(() =>
            OpenAsync(Harness.Server(dovecot.ImapsPort, "ann", dovecot.Fingerprint) with { Auth = AuthMethod.ScramSha256Plus })
        );

        Assert.Equal(Reason.LoginUnsupported, exception.Reason);
        Assert.Contains("SCRAM-SHA-256-PLUS", exception.Message);
    }

    [Theory]
    [InlineData("AUTH=PLAIN AUTH=SCRAM-SHA-256 AUTH=SCRAM-SHA-512 AUTH=CRAM-MD5", "SCRAM-SHA-512")]
    [InlineData("AUTH=PLAIN AUTH=SCRAM-SHA-1 AUTH=CRAM-MD5", "SCRAM-SHA-1")]
    public async Task Without_TLS_the_strongest_is_chosen(string offered, string chosen)
    {
        await using var server = new ScriptedImap { Capabilities = $"IMAP4rev1 SASL-IR {offered}" };

        await Assert.ThrowsAsync<MailException>(() => OpenAsync(Harness.Server(server.Port, "ann", null)));

        Assert.StartsWith($"{chosen} ", server.Commands.Single(command => command.Name == "AUTHENTICATE").Arguments);
    }

    [Fact]
    public async Task A_server_that_says_yes_without_a_proof_is_not_believed()
    {
        await using var server = new ScriptedImap { Capabilities = "IMAP4rev1 SASL-IR AUTH=SCRAM-SHA-256" };

        var exception = await Assert.ThrowsAsync<MailException>(() => OpenAsync(Harness.Server(server.Port, "ann", null)));

        Assert.Equal(Reason.LoginMethodFailed, exception.Reason);
        Assert.Contains("prove", exception.Message);
    }

    private static async Task OpenAsync(MailServer server)
    {
        await using var session = await new ImapConnector(server, DovecotServer.Password).OpenSourceAsync(Stop);
        Assert.NotEmpty(await session.ListFoldersAsync(Stop));
    }

    /// <summary>Opens TLS on its way, as a man in the middle or a device for inspection does.</summary>
    private sealed class TlsBetween : IAsyncDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly CancellationTokenSource _ended = new();
        private readonly List<Task> _connections = [];
        private readonly (int Port, X509Certificate2 Certificate) _server;
        private readonly Task _accepting;

        public TlsBetween(int port, X509Certificate2 certificate)
        {
            _server = (port, certificate);
            _listener.Start();
            _accepting = AcceptAsync();
        }

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        public async ValueTask DisposeAsync()
        {
            await _ended.CancelAsync();
            _listener.Stop();
            await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await Task.WhenAll(_connections).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _ended.Dispose();
        }

        private async Task AcceptAsync()
        {
            while (true)
                _connections.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_ended.Token)));
        }

        private async Task ServeAsync(TcpClient client)
        {
            using var _ = client;
            using var server = new TcpClient();
            await server.ConnectAsync(IPAddress.Loopback, _server.Port, _ended.Token);
            await using var inner = new SslStream(client.GetStream());
            await using var outer = new SslStream(server.GetStream(), false, (_, certificate, _, _) => certificate is not null);
            await inner.AuthenticateAsServerAsync(
                new SslServerAuthenticationOptions { ServerCertificate = _server.Certificate },
                _ended.Token
            );
            await outer.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost" }, _ended.Token);
            await Task.WhenAny(inner.CopyToAsync(outer, _ended.Token), outer.CopyToAsync(inner, _ended.Token));
        }
    }
}
