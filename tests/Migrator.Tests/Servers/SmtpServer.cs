using System.Diagnostics;
using System.Security.Cryptography.X509Certificates;
using Xunit;

namespace Migrator.Tests.Servers;

/// <summary>A real SMTP server on a free loopback port, with STARTTLS and a login; what it takes, a Dovecot has.</summary>
public sealed class SmtpServer : IAsyncDisposable
{
    public const string User = "migrator@example.org";

    public const string Password = "smtp-pass-4Kq9";

    private readonly DirectoryInfo _directory;
    private readonly DovecotServer _mailboxes;
    private Process _process;

    private SmtpServer(DirectoryInfo directory, DovecotServer mailboxes, Process process, int port, string fingerprint) =>
        (_directory, _mailboxes, _process, Port, Fingerprint) = (directory, mailboxes, process, port, fingerprint);

    public int Port { get; }

    public string Fingerprint { get; }

    /// <summary>Skips the test where the server is not installed.</summary>
    /// <param name="mailboxes">Gets what comes: <c>ann@example.org</c> is its user <c>ann</c>.</param>
    /// <param name="own">Null for a self-signed certificate for localhost.</param>
    /// <param name="introspection">Where it looks access tokens up; null where it takes none.</param>
    public static async Task<SmtpServer> StartAsync(DovecotServer mailboxes, X509Certificate2? own = null, Uri? introspection = null)
    {
        using var installed = Process.Start(
            new ProcessStartInfo("/usr/bin/env", [Python, "-c", "import aiosmtpd"]) { RedirectStandardError = true }
        )!;
        await installed.WaitForExitAsync();
        Assert.SkipUnless(installed.ExitCode == 0, "aiosmtpd is not installed: run eng/install-test-servers.sh.");
        var directory = Directory.CreateTempSubdirectory("smtp");
        using var certificate = own ?? TestCertificates.SelfSigned("localhost");
        await File.WriteAllTextAsync(Path.Combine(directory.FullName, "cert.pem"), certificate.ExportCertificatePem());
        await File.WriteAllTextAsync(
            Path.Combine(directory.FullName, "key.pem"),
            certificate.GetRSAPrivateKey()!.ExportPkcs8PrivateKeyPem()
        );
        for (var attempt = 1; ; attempt++)
        {
            var port = DovecotServer.FreePorts(1)[0];
            var process = Start(directory, mailboxes, port, introspection);
            if (await process.StandardOutput.ReadLineAsync() == "ready")
                return new SmtpServer(
                    directory,
                    mailboxes,
                    process,
                    port,
                    certificate.GetCertHashString(System.Security.Cryptography.HashAlgorithmName.SHA256)
                );
            if (attempt == 3)
                throw new InvalidOperationException($"The SMTP server did not start: {await process.StandardError.ReadToEndAsync()}");
        }
    }

    public async Task StopAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    public async Task StartAgainAsync()
    {
        _process = Start(_directory, _mailboxes, Port, null);
        Assert.Equal("ready", await _process.StandardOutput.ReadLineAsync());
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _directory.Delete(recursive: true);
    }

    // Debian's own has the module, whichever else there is.
    private static string Python => "/usr/bin/python3";

    private static Process Start(DirectoryInfo directory, DovecotServer mailboxes, int port, Uri? introspection) =>
        Process.Start(
            new ProcessStartInfo(
                Python,
                [
                    Path.Combine(AppContext.BaseDirectory, "Servers", "smtp_server.py"),
                    $"{port}",
                    Path.Combine(directory.FullName, "cert.pem"),
                    Path.Combine(directory.FullName, "key.pem"),
                    User,
                    Password,
                    mailboxes.MailDirectory,
                    introspection?.AbsoluteUri ?? "",
                ]
            )
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
}
