using System.Diagnostics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Migrator.Core.Failures;
using Migrator.Core.Jobs;
using Migrator.Core.Mail;
using Migrator.Core.Secrets;
using Migrator.Mail.Connections;
using Migrator.Mail.Imap;
using Migrator.Mail.Pop3;
using Migrator.Tests.Memory;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Access;

/// <summary>Servers that require a certificate of this side.</summary>
public sealed class ClientCertificateTests : IAsyncLifetime
{
    private const string FilePassword = "pfx-8Wq2";

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("certificates");
    private readonly (X509Certificate2 Certificate, X509Certificate2 Authority) _ann = TestCertificates.Issued(
        "ann",
        TestCertificates.ForClients
    );
    private DovecotServer _dovecot = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() =>
        _dovecot = await DovecotServer.StartAsync(new DovecotOptions(Mechanisms: "plain external", ClientAuthority: _ann.Authority));

    public async ValueTask DisposeAsync()
    {
        await _dovecot.DisposeAsync();
        _directory.Delete(recursive: true);
    }

    [Theory]
    [InlineData("pem", "")]
    [InlineData("pem", FilePassword)]
    [InlineData("pfx", "")]
    [InlineData("pfx", FilePassword)]
    public async Task A_certificate_of_this_side_is_shown(string form, string password)
    {
        var file = Write(form, password, _ann.Certificate);
        foreach (var (protocol, tls) in new[] { (MailProtocol.Imap, TlsMode.Implicit), (MailProtocol.Pop3, TlsMode.StartTls) })
            await OpenAsync(Server("ann", file, protocol, tls), password);
    }

    [Theory]
    [InlineData(MailProtocol.Imap, TlsMode.StartTls)]
    [InlineData(MailProtocol.Imap, TlsMode.Implicit)]
    [InlineData(MailProtocol.Pop3, TlsMode.Implicit)]
    public async Task It_logs_in_without_a_password_and_for_its_own_user_alone(MailProtocol protocol, TlsMode tls)
    {
        var file = Write("pfx", "", _ann.Certificate);
        var server = Server("ann", file, protocol, tls) with { Auth = AuthMethod.External, Password = null };

        // The second connection would resume the TLS of the first.
        for (var times = 0; times < 2; times++)
            await OpenAsync(server, "", login: "");

        var exception = await Assert.ThrowsAsync<MailException>(() => OpenAsync(server with { User = "bob" }, "", login: ""));
        Assert.Equal(Reason.AuthenticationFailed, exception.Reason);
    }

    [Theory]
    [InlineData(MailProtocol.Imap)]
    [InlineData(MailProtocol.Pop3)]
    public async Task A_certificate_that_is_missing_or_of_another_authority_is_named(MailProtocol protocol)
    {
        var file = Write("pem", "", TestCertificates.SelfSigned("ann"));
        foreach (var server in new[] { Server("ann", file, protocol), Server("ann", file, protocol) with { ClientCertificate = null } })
        {
            var exception = await Assert.ThrowsAsync<MailException>(() => OpenAsync(server, ""));
            Assert.True(exception.Reason == Reason.ClientCertificateRefused, $"{exception.Reason.Code}: {exception.Message}");
        }
    }

    [Fact]
    public async Task A_server_that_refuses_it_by_an_alert_of_TLS_is_understood()
    {
        var (certificate, port) = (TestCertificates.SelfSigned("localhost"), DovecotServer.FreePorts(1)[0]);
        var server = Path.Combine(_directory.FullName, "server.pem");
        await File.WriteAllTextAsync(server, Pem(certificate), Stop);
        var authority = Path.Combine(_directory.FullName, "authority.pem");
        await File.WriteAllTextAsync(authority, _ann.Authority.ExportCertificatePem(), Stop);
        foreach (var version in new[] { "-tls1_2", "-tls1_3" })
        {
            using var openssl = Process.Start(
                new ProcessStartInfo(
                    "openssl",
                    [
                        "s_server",
                        "-accept",
                        $"{port}",
                        "-cert",
                        server,
                        "-Verify",
                        "1",
                        "-CAfile",
                        authority,
                        "-verify_return_error",
                        version,
                    ]
                )
                {
                    RedirectStandardError = true,
                    RedirectStandardOutput = true,
                    RedirectStandardInput = true,
                }
            )!;
            try
            {
                Assert.NotNull(await openssl.StandardOutput.ReadLineAsync(Stop));
                foreach (
                    var stranger in new[]
                    {
                        TestCertificates.SelfSigned("ann"),
                        // Of an authority that has the name of the right one.
                        TestCertificates.Issued("ann", TestCertificates.ForClients).Certificate,
                    }
                )
                {
                    var account = Harness.Server(port, "ann", certificate.GetCertHashString(HashAlgorithmName.SHA256)) with
                    {
                        ClientCertificate = new ClientCertificate(Write("pfx", "", stranger), null),
                    };

                    var exception = await Assert.ThrowsAsync<MailException>(() => OpenAsync(account, ""));

                    Assert.True(exception.Reason == Reason.ClientCertificateRefused, $"{exception.Reason.Code}: {exception.Message}");
                }
            }
            finally
            {
                openssl.Kill();
                await openssl.WaitForExitAsync(Stop);
            }
        }
    }

    [Theory]
    [InlineData("missing.pem", "", "cannot be used")]
    [InlineData("ann.pfx", "wrong", "cannot be used")]
    [InlineData("ann.pem", "wrong", "cannot be used")]
    [InlineData("public.pem", "", "cannot be used")]
    [InlineData("text.pem", "", "cannot be used")]
    public async Task A_file_that_cannot_be_used_is_named_before_anything_is_sent(string name, string password, string words)
    {
        await using var nobody = new HostileServer(_ => Task.CompletedTask);
        Write("pfx", FilePassword, _ann.Certificate);
        Write("pem", FilePassword, _ann.Certificate);
        await File.WriteAllTextAsync(Path.Combine(_directory.FullName, "public.pem"), _ann.Certificate.ExportCertificatePem(), Stop);
        await File.WriteAllTextAsync(Path.Combine(_directory.FullName, "text.pem"), "no certificate", Stop);
        var file = Path.Combine(_directory.FullName, name);

        var exception = await Assert.ThrowsAsync<MailException>(() =>
            OpenAsync(Server("ann", file, MailProtocol.Imap) with { Port = nobody.Port }, password)
        );

        Assert.Equal(Reason.ClientCertificateUnreadable, exception.Reason);
        Assert.Contains(file, exception.Message);
        Assert.Contains(words, exception.Message);
        Assert.Equal(0, nobody.Accepted);
    }

    private MailServer Server(string user, string file, MailProtocol protocol, TlsMode tls = TlsMode.Implicit)
    {
        var port = (protocol, tls) switch
        {
            (MailProtocol.Imap, TlsMode.Implicit) => _dovecot.ImapsPort,
            (MailProtocol.Imap, _) => _dovecot.ImapPort,
            (_, TlsMode.Implicit) => _dovecot.Pop3sPort,
            _ => _dovecot.Pop3Port,
        };
        return Harness.Server(port, user, _dovecot.Fingerprint) with
        {
            Protocol = protocol,
            Tls = tls,
            ClientCertificate = new ClientCertificate(file, new SecretReference(SecretSource.Env, "UNUSED")),
        };
    }

    private string Write(string form, string password, X509Certificate2 certificate)
    {
        var file = Path.Combine(_directory.FullName, $"ann.{form}");
        if (form == "pfx")
            File.WriteAllBytes(file, certificate.Export(X509ContentType.Pkcs12, password));
        else
            File.WriteAllText(file, Pem(certificate, password));
        return file;
    }

    private static string Pem(X509Certificate2 certificate, string password = "")
    {
        var key = certificate.GetRSAPrivateKey()!;
        var parameters = new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000);
        return $"{certificate.ExportCertificatePem()}\n"
            + $"{(password.Length > 0 ? key.ExportEncryptedPkcs8PrivateKeyPem(password, parameters) : key.ExportPkcs8PrivateKeyPem())}\n";
    }

    private static async Task OpenAsync(MailServer server, string filePassword, string login = DovecotServer.Password)
    {
        var secrets = new ConnectionSecrets(null, filePassword.Length > 0 ? filePassword : null);
        await using IMailSource session =
            server.Protocol == MailProtocol.Pop3
                ? await new Pop3Connector(server, login, new MemoryUidMap(), TimeProvider.System, secrets: secrets).OpenSourceAsync(Stop)
                : await new ImapConnector(server, login, secrets: secrets).OpenSourceAsync(Stop);
        Assert.NotEmpty(await session.ListFoldersAsync(Stop));
    }
}
