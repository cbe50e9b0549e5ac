using System.Net;
using System.Text.RegularExpressions;
using Migrator.App.Output;
using Migrator.Tests.Servers;
using Migrator.Tests.Worker;
using Xunit;

namespace Migrator.Tests.Execution;

/// <summary>What would go in clear is told. 0.0.0.0 leads to this machine and is no loopback address, so that it stands for another
/// host.</summary>
public sealed class ExposureTests(DovecotFixture servers) : IDisposable
{
    private readonly DirectoryInfo _state = Directory.CreateTempSubdirectory("exposure");

    private string Jobs => Directory.CreateDirectory(Path.Combine(_state.FullName, "jobs")).FullName;

    [Theory]
    [InlineData("0.0.0.0", true)]
    [InlineData("127.0.0.1", false)]
    public async Task Check_tells_where_a_password_and_mail_go_in_clear(string host, bool reported)
    {
        var job = await WriteAsync(
            "move",
            $$"""
            { "source": {{Plain(host, servers.Old.ImapPort)}},
              "target": { "host": "localhost", "port": {{servers.New.ImapsPort}}, "user": "{{DovecotServer.NewUser("in")}}",
                  "password": "env:MIGRATOR_TARGET_PASSWORD",
                  "certificate": { "fingerprint": "{{servers.New.Fingerprint}}" } } }
            """
        );

        var (code, output, errors) = await MigratorProcess.RunAsync(
            _state.FullName,
            "check",
            job,
            "--set",
            "Notify:Mail:Host=mail.example.org",
            "--set",
            "Notify:Mail:From=a@example.org",
            "--set",
            $"Notify:Mail:Tls={(reported ? "none" : "implicit")}"
        );

        Assert.True(code == ExitCode.Success, output + errors);
        string[] expected = reported
            ?
            [
                "Warning: Notifications: all mail goes unencrypted to mail.example.org:25 and can be read in "
                    + "transit. Set Notify:Mail:Tls to \"implicit\" or \"starttls\".",
                $"Warning: Job move: the password and all mail go unencrypted to 0.0.0.0:{servers.Old.ImapPort} and can be "
                    + "read in transit. Set \"tls\" of the source to \"implicit\" or \"starttls\".",
            ]
            : [];
        Assert.Equal(expected, errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Theory]
    [InlineData("0.0.0.0", true)]
    [InlineData("127.0.0.1", false)]
    public async Task Commands_of_archives_tell_it_of_what_they_are_given(string host, bool reported)
    {
        var (mail, archive, user) = (
            Directory.CreateDirectory(Path.Combine(_state.FullName, "mail", "cur")).Parent!.FullName,
            Path.Combine(_state.FullName, "archive"),
            DovecotServer.NewUser("in")
        );
        await File.WriteAllTextAsync(
            Path.Combine(mail, "cur", "1"),
            "From: a@example.org\nSubject: one\n\nbody\n",
            TestContext.Current.CancellationToken
        );
        var account = $"imap://{user}@{host}:{servers.New.ImapPort}?tls=none";
        await ShouldTellAsync(0, "archive", "init", archive);
        await ShouldTellAsync(0, "import", mail, "--format", "maildir", "--to", archive);
        await ShouldTellAsync(
            reported ? 1 : 0,
            "import",
            mail,
            "--format",
            "maildir",
            "--to",
            account,
            "--password",
            "env:MIGRATOR_TARGET_PASSWORD"
        );
        await ShouldTellAsync(reported ? 1 : 0, "restore", archive, "--to", account, "--password", "env:MIGRATOR_TARGET_PASSWORD");

        async Task ShouldTellAsync(int expected, params string[] arguments)
        {
            var (code, output, errors) = await MigratorProcess.RunAsync(_state.FullName, arguments);
            Assert.True(code == ExitCode.Success, output + errors);
            string[] lines = [.. errors.Split('\n').Where(line => line.StartsWith("Warning:", StringComparison.Ordinal))];
            Assert.Equal(expected, lines.Length);
            Assert.All(
                lines,
                line =>
                    Assert.Equal(
                        $"Warning: The password and all mail go unencrypted to {host}:{servers.New.ImapPort} and can be "
                            + "read in transit. Set \"tls\" in --to to \"implicit\" or \"starttls\".",
                        line
                    )
            );
        }
    }

    [Fact]
    public async Task A_command_tells_that_an_archive_is_reached_in_clear()
    {
        var storage = new Dictionary<string, string>
        {
            ["STORAGE"] =
                $"DefaultEndpointsProtocol=http;AccountName=mailstore;AccountKey={Convert.ToBase64String("planted-account-key"u8)};"
                + $"BlobEndpoint=http://0.0.0.0:{DovecotServer.FreePorts(1)[0]}/mailstore",
        };
        var (code, output, errors) = await MigratorProcess.RunWithAsync(
            storage,
            _state.FullName,
            "archive",
            "check",
            "mail",
            "--connection-string",
            "env:STORAGE"
        );
        Assert.NotEqual(ExitCode.Success, code);
        Assert.Contains("Warning: What is stored goes unencrypted to 0.0.0.0:", errors);
        Assert.DoesNotContain("planted", output + errors);
    }

    [Fact]
    public async Task A_service_tells_all_of_it_once_at_its_start()
    {
        await WriteAsync(
            "move",
            $$"""
            { "source": {{Plain("pop.old.example", 110, "pop3")}},
              "target": {{Plain("imap.new.example", 143)}}, "notify": { "webhooks": [ "env:JOB_HOOK" ] } }
            """
        );
        await WriteAsync(
            "keep",
            $$"""
            { "kind": "backup", "source": {{Plain("localhost", 143)}},
              "archive": { "location": "mail", "connectionString": "env:STORAGE" } }
            """
        );
        var port = DovecotServer.FreePorts(1)[0];
        var variables = new Dictionary<string, string>
        {
            ["JOB_HOOK"] = "http://hooks.example.org/services/planted-hook-secret",
            ["HOOK"] = "http://127.0.0.1/hook",
            ["STORAGE"] =
                $"DefaultEndpointsProtocol=http;AccountName=mailstore;AccountKey={Convert.ToBase64String("planted-account-key"u8)};"
                + "EndpointSuffix=core.example.org",
            ["DASHBOARD_TOKEN"] = "planted-dashboard-token",
            ["OTEL_EXPORTER_OTLP_HEADERS"] = "authorization=planted-otlp-token",
        };
        using var service = MigratorProcess.StartWith(
            variables,
            _state.FullName,
            "serve",
            "--set",
            $"JobsDirectory={Jobs}",
            "--set",
            $"Dashboard:Urls=http://0.0.0.0:{port}",
            "--set",
            "Dashboard:BehindProxy=true",
            "--set",
            "Dashboard:Hosts=migrator.example.org",
            "--set",
            "Dashboard:Token=env:DASHBOARD_TOKEN",
            "--set",
            "Telemetry:Otlp:Endpoint=http://0.0.0.0:4318",
            "--set",
            "Notify:Mail:Host=mail.example.org",
            "--set",
            "Notify:Mail:From=a@example.org",
            "--set",
            "Notify:Mail:Tls=none",
            "--set",
            "Notify:Mail:User=a",
            "--set",
            "Notify:Mail:Password=env:SMTP",
            "--set",
            "Notify:Webhooks=env:HOOK"
        );
        using var client = new HttpClient();
        await ServeTests.UntilAsync(
            service,
            async () =>
            {
                try
                {
                    return (await client.GetAsync($"http://127.0.0.1:{port}/health/live")).StatusCode != 0;
                }
                catch (HttpRequestException)
                {
                    return false;
                }
            }
        );
        service.Interrupt();
        var (code, output, errors) = await service.EndAsync();

        Assert.True(code == ExitCode.Success, $"{code}: {output}{errors}");
        string[] expected =
        [
            "Notifications: the password and all mail go unencrypted to mail.example.org:25",
            "Telemetry: the headers of OTEL_EXPORTER_OTLP_HEADERS and all telemetry go unencrypted to 0.0.0.0:4318",
            "Dashboard: tokens and pages go from the reverse proxy unencrypted to http://0.0.0.0:",
            "Job keep: what is stored goes unencrypted to mailstore.blob.core.example.org",
            "Job move: the password and all mail go unencrypted to pop.old.example:110",
            "Job move: the password and all mail go unencrypted to imap.new.example:143",
            "Notifications: the address of the webhook env:JOB_HOOK, which often contains a secret, and all notifications go "
                + "unencrypted to hooks.example.org",
        ];
        var lines = Regex.Matches(output + errors, "Not protected: (.*)").Select(match => match.Groups[1].Value).ToList();
        Assert.All(expected, line => Assert.Single(lines, said => said.StartsWith(line, StringComparison.Ordinal)));
        Assert.Equal(expected.Length, lines.Count);
        Assert.All(lines, line => Assert.Contains("Set ", line));
        Assert.DoesNotContain("planted", output + errors);
    }

    [Fact]
    public async Task A_dashboard_with_a_certificate_that_is_not_for_servers_does_not_start()
    {
        var (certificate, _) = TestCertificates.Issued("localhost", TestCertificates.ForClients);
        var (pem, key) = (Path.Combine(_state.FullName, "cert.pem"), Path.Combine(_state.FullName, "key.pem"));
        await File.WriteAllTextAsync(pem, certificate.ExportCertificatePem(), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(
            key,
            System
                .Security.Cryptography.X509Certificates.RSACertificateExtensions.GetRSAPrivateKey(certificate)!
                .ExportPkcs8PrivateKeyPem(),
            TestContext.Current.CancellationToken
        );

        var (code, output, errors) = await MigratorProcess.RunAsync(
            _state.FullName,
            "serve",
            "--set",
            $"JobsDirectory={Jobs}",
            "--set",
            $"Dashboard:Urls=https://localhost:{DovecotServer.FreePorts(1)[0]}",
            "--set",
            $"Kestrel:Certificates:Default:Path={pem}",
            "--set",
            $"Kestrel:Certificates:Default:KeyPath={key}"
        );

        Assert.True(code == ExitCode.Configuration, $"{code}: {output}{errors}");
        Assert.Contains("Kestrel:Certificates:Default", errors);
        Assert.Contains("Server Authentication", errors);
        Assert.DoesNotContain("   at ", output + errors);
    }

    public void Dispose() => _state.Delete(recursive: true);

    private static string Plain(string host, int port, string protocol = "imap") =>
        $$"""
            { "protocol": "{{protocol}}", "host": "{{host}}", "port": {{port}}, "tls": "none",
              "user": "{{DovecotServer.NewUser("out")}}", "password": "env:MIGRATOR_SOURCE_PASSWORD" }
            """;

    private async Task<string> WriteAsync(string name, string text)
    {
        var file = Path.Combine(Jobs, $"{name}.json");
        await File.WriteAllTextAsync(file, text);
        return file;
    }
}
