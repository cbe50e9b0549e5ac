using System.Diagnostics;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Migrator.App.Output;
using Migrator.Core.Jobs;
using Migrator.Tests.Servers;
using Migrator.Tests.Worker;
using Xunit;
using static Migrator.Tests.Migrations.Letters;

namespace Migrator.Tests.Discovery;

/// <summary>Commands that are given addresses, against a real DNS server and real mail servers: whom they give a password to, and whom
/// not.</summary>
public sealed class AddressCommandTests : IDisposable
{
    private const string Ann = "ann@old.localhost";

    private readonly DirectoryInfo _state = Directory.CreateTempSubdirectory("addresses");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _state.Delete(recursive: true);

    [Fact]
    public async Task A_mailbox_is_copied_by_addresses_alone_where_certificates_prove_the_servers()
    {
        var (certificate, authority) = TestCertificates.Issued("localhost", null, "old.localhost", "new.localhost");
        await using var old = await DovecotServer.StartAsync(new DovecotOptions(Certificate: certificate));
        await using var @new = await DovecotServer.StartAsync(new DovecotOptions(Certificate: certificate));
        await using var dns = DnsServer.Start();
        dns.AddService("_imaps._tcp.old.localhost", "localhost", old.ImapsPort);
        dns.AddService("_imap._tcp.new.localhost", "localhost", @new.ImapPort);
        await using (var ann = await old.LogInAsync(Ann))
            await FillAsync(ann, "INBOX", 0, 3);

        var (code, output, errors) = await RunAsync([authority], dns, "copy", Ann, "ann@new.localhost");

        var mail = Directory.CreateDirectory(Path.Combine(_state.FullName, "mail"));
        await File.WriteAllTextAsync(Path.Combine(mail.FullName, "a.eml"), "Subject: a\r\n\r\na\r\n", Stop);
        string[] import = ["import", mail.FullName, "--format", "eml", "--to", "bob@new.localhost"];
        var (imported, _, problems) = await RunAsync([authority], dns, [.. import, "--password", "env:MIGRATOR_TARGET_PASSWORD"]);

        Assert.True(imported == ExitCode.Success, problems);
        Assert.Contains($"bob@new.localhost: localhost:{@new.ImapPort} ", problems);
        Assert.True(code == ExitCode.Success, output + errors);
        Assert.Contains($"{Ann}: localhost:{old.ImapsPort} (SRV record _imaps._tcp.old.localhost; certificate).", errors);
        Assert.Contains("3 found = 3 copied", output);
        // Whose name a web server would have was asked of the same DNS server, and nobody else was.
        Assert.Contains("autoconfig.old.localhost", dns.Asked);
        Assert.DoesNotContain("autoconfig.thunderbird.net", dns.Asked);
    }

    [Fact]
    public async Task A_server_that_nothing_proves_gets_no_password()
    {
        var (certificate, authority) = TestCertificates.Issued("localhost");
        await using var old = await DovecotServer.StartAsync(new DovecotOptions(Certificate: certificate));
        await using var between = new LoopbackProxy(old.ImapsPort);
        await using var dns = DnsServer.Start();
        dns.AddService("_imaps._tcp.old.localhost", "localhost", between.Port);

        var (code, _, errors) = await RunAsync([authority], dns, "copy", Ann, "imaps://ann@localhost:1", "--yes");

        Assert.Equal(ExitCode.Configuration, code);
        Assert.Contains("[server-unproven]", errors);
        Assert.Contains($"imaps://{Ann}@localhost:{between.Port}", errors);
        // To see its certificate.
        Assert.Equal(1, between.Accepted);
    }

    [Fact]
    public async Task A_name_that_leads_elsewhere_once_it_was_proved_gets_no_password()
    {
        var (good, authority) = TestCertificates.Issued("localhost", null, "old.localhost");
        var (evil, other) = TestCertificates.Issued("localhost");
        await using var real = await DovecotServer.StartAsync(new DovecotOptions(Certificate: good));
        // It takes any password, and its certificate is trusted: the owner of a name has one for it.
        await using var thief = await DovecotServer.StartAsync(new DovecotOptions(Certificate: evil));
        await using var name = new LoopbackProxy(real.ImapsPort) { ServerOf = number => number == 1 ? real.ImapsPort : thief.ImapsPort };
        await using var dns = DnsServer.Start();
        dns.AddService("_imaps._tcp.old.localhost", "localhost", name.Port);

        var (code, output, errors) = await RunAsync([authority, other], dns, "copy", Ann, $"imaps://ann@localhost:{thief.ImapsPort}");

        Assert.True(name.Accepted > 1, output + errors);
        Assert.Equal(ExitCode.Connection, code);
        Assert.Contains("not the pinned one", output + errors);
    }

    [Theory]
    [InlineData("n", ExitCode.Configuration)]
    [InlineData("", ExitCode.Configuration)]
    [InlineData("y", ExitCode.Success)]
    public async Task A_person_decides_about_a_server_that_nothing_proves(string answer, int expected)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/script"), "script, which makes a terminal, is not installed.");
        var (certificate, authority) = TestCertificates.Issued("localhost");
        await using var server = await DovecotServer.StartAsync(new DovecotOptions(Certificate: certificate));
        await using var between = new LoopbackProxy(server.ImapsPort);
        await using var dns = DnsServer.Start();
        dns.AddService("_imaps._tcp.old.localhost", "localhost", between.Port);
        await using (var ann = await server.LogInAsync(Ann))
            await FillAsync(ann, "INBOX", 0, 2);
        var program = string.Join(' ', MigratorProgram.Command.Select(part => $"'{part}'"));
        var start = new ProcessStartInfo(
            "script",
            [
                "-qec",
                $"{program} copy {Ann} imaps://bob@localhost:{server.ImapsPort} --set {dns.Setting} --state '{_state.FullName}'; "
                    + "echo code=$?",
                "/dev/null",
            ]
        )
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        foreach (var (variable, value) in Environment([authority]))
            start.Environment[variable] = value;
        using var process = Process.Start(start)!;

        var seen = await ReadUntilAsync(process, "[y/N] ");
        var before = between.Accepted;
        await process.StandardInput.WriteAsync(answer + "\n");
        await process.StandardInput.FlushAsync(Stop);
        var after = await process.StandardOutput.ReadToEndAsync(Stop);
        await process.WaitForExitAsync(Stop);

        // The terminal's width decides where the lines of the question end.
        Assert.Contains(
            $"Connect to localhost:{between.Port} as {Ann} (found by SRV record _imaps._tcp.old.localhost; certificate issued to "
                + "localhost by Test authority)?",
            string.Join(' ', seen.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        );
        Assert.Contains($"code={expected}", after);
        Assert.Equal(expected == ExitCode.Success, between.Accepted > before);
        Assert.Equal(expected != ExitCode.Success, after.Contains("[server-unproven]", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("ann@microsoft.localhost", ExitCode.Configuration, "[token-required]")]
    [InlineData("ann@nobody.localhost", ExitCode.Connection, "[server-not-found]")]
    [InlineData("ann@broken.localhost", ExitCode.Connection, "[discovery-failed]")]
    [InlineData("ann@pop.localhost", ExitCode.Connection, "[server-not-found]")]
    [InlineData("ann@exa_mple.org", ExitCode.Configuration, "target: has no valid domain")]
    public async Task What_cannot_be_used_says_what_to_do_instead(string address, int expected, string words)
    {
        await using var dns = DnsServer.Start();
        dns.AddExchanger("microsoft.localhost", "x.mail.protection.outlook.com");
        dns.AddService("_pop3s._tcp.pop.localhost", "pop.localhost", 995);
        if (address.EndsWith("broken.localhost", StringComparison.Ordinal))
            dns.Arm("_imaps._tcp.broken.localhost", DnsFault.ServerFailure);

        var (code, output, errors) = await RunAsync([], dns, "copy", "imaps://ann@localhost:1", address);

        Assert.Equal((expected, ""), (code, output));
        Assert.Contains(words, errors);
    }

    [Fact]
    public async Task A_password_beside_an_address_is_repeated_nowhere()
    {
        await using var dns = DnsServer.Start();

        var (code, output, errors) = await RunAsync([], dns, "copy", "ann:hunter2@old.localhost", "imaps://ann@localhost:1");

        Assert.Equal(ExitCode.Configuration, code);
        Assert.DoesNotContain("hunter2", output + errors);
        Assert.DoesNotContain(
            Directory.GetFiles(_state.FullName, "*", SearchOption.AllDirectories),
            file => File.ReadAllText(file).Contains("hunter2", StringComparison.Ordinal)
        );
        Assert.Empty(dns.Asked);
    }

    [Fact]
    public async Task Discover_writes_a_job_file_and_replaces_none_without_being_asked_to()
    {
        await using var dns = DnsServer.Start();
        dns.AddService("_imap._tcp.old.localhost", "imap.old.localhost", 1143);
        dns.AddService("_pop3s._tcp.old.localhost", "pop.old.localhost", 995);
        dns.AddService("_imaps._tcp.new.localhost", "imap.new.localhost", 993);
        var file = Path.Combine(_state.FullName, "ann.json");
        string[] command = ["discover", "o'brien{name}@old.localhost", "--target", "\"ann \\\"b\"@new.localhost", "--out", file];

        var first = await RunAsync([], dns, command);
        var job = Assert.IsType<MigrateJob>(JobFile.Read(file).Mailboxes.Single().Job);
        await File.WriteAllTextAsync(file, "mine", Stop);
        var second = await RunAsync([], dns, command);
        var kept = await File.ReadAllTextAsync(file, Stop);
        var third = await RunAsync([], dns, [.. command, "--overwrite"]);

        Assert.True(first.Code == ExitCode.Success, first.Errors);
        Assert.Equal(
            ("imap.old.localhost", 1143, TlsMode.StartTls, "o'brien{name}@old.localhost"),
            (job.Source.Host, job.Source.Port, job.Source.Tls, job.Source.User)
        );
        Assert.Equal(("imap.new.localhost", 993, "\"ann \\\"b\"@new.localhost"), (job.Target.Host, job.Target.Port, job.Target.User));
        Assert.Contains("SRV record", first.Output);
        Assert.Equal((ExitCode.Configuration, "mine"), (second.Code, kept));
        Assert.Contains("--overwrite", second.Errors);
        Assert.Equal(ExitCode.Success, third.Code);
        Assert.IsType<MigrateJob>(JobFile.Read(file).Mailboxes.Single().Job);
    }

    [Theory]
    [InlineData("x.mail.protection.outlook.com", "\"clientSecret\": \"env:MICROSOFT_SECRET\"")]
    [InlineData("x.mail.protection.office365.us", "\"cloud\": \"gccHigh\"")]
    [InlineData("x.mail.protection.partner.outlook.cn", "\"cloud\": \"china\"")]
    [InlineData("x.olc.protection.outlook.com", "\"deviceCode\": true")]
    [InlineData("aspmx.l.google.com", "\"key\": \"file:service-account.json\"")]
    [InlineData("mx-eu.mail.am0.yahoodns.net", "app password")]
    [InlineData("mx-ha.web.de", "must be switched on first")]
    public async Task The_job_file_of_a_provider_says_what_is_left_to_do(string exchanger, string expected)
    {
        await using var dns = DnsServer.Start();
        dns.AddExchanger("old.localhost", exchanger);

        var (code, output, errors) = await RunAsync([], dns, "discover", Ann, "--json");

        // Valid, or the command had ended with an internal error.
        Assert.True(code == ExitCode.Success, errors);
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Contains(
            lines,
            line => line.GetProperty("event").GetString() == "server" && line.GetProperty("trust").GetString() == "provider"
        );
        Assert.Contains(expected, lines.Single(line => line.GetProperty("event").GetString() == "jobFile").GetProperty("text").GetString());
    }

    private Task<(int Code, string Output, string Errors)> RunAsync(
        IReadOnlyList<X509Certificate2> authorities,
        DnsServer dns,
        params string[] arguments
    ) => MigratorProcess.RunWithAsync(Environment(authorities), _state.FullName, [.. arguments, "--set", dns.Setting]);

    private Dictionary<string, string> Environment(IReadOnlyList<X509Certificate2> authorities)
    {
        var file = Path.Combine(_state.FullName, "authorities.pem");
        File.WriteAllText(file, string.Join('\n', authorities.Select(authority => authority.ExportCertificatePem())));
        return new Dictionary<string, string>
        {
            ["SSL_CERT_FILE"] = file,
            ["MIGRATOR_SOURCE_PASSWORD"] = DovecotServer.Password,
            ["MIGRATOR_TARGET_PASSWORD"] = DovecotServer.Password,
        };
    }

    private static async Task<string> ReadUntilAsync(Process process, string text)
    {
        var seen = new StringBuilder();
        var letter = new char[1];
        while (
            !seen.ToString().Contains(text, StringComparison.Ordinal)
            && await process.StandardOutput.ReadAsync(letter, TestContext.Current.CancellationToken) > 0
        )
            seen.Append(letter[0]);
        return seen.ToString();
    }
}
