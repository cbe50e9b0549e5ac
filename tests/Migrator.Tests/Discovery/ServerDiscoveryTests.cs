using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using Migrator.Core.Discovery;
using Migrator.Core.Jobs;
using Migrator.Discovery.Finding;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Discovery;

/// <summary>What is found for an address, from a real DNS server and real web servers on loopback.</summary>
public sealed class ServerDiscoveryTests
{
    private static readonly MailboxAddress s_ann = MailboxAddress.Parse("ann@example.org", "address");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Service_records_are_taken_by_priority_and_say_what_is_not_offered()
    {
        await using var dns = DnsServer.Start();
        await using var web = await WebHosts.StartAsync();
        dns.AddService("_imaps._tcp.example.org", "spare.example.org", 993, priority: 20, weight: 0);
        // The spare one has a chance of 1 in 65,536 to be first of these two.
        dns.AddService("_imaps._tcp.example.org", "backup.example.org", 993, priority: 20, weight: 65_535);
        dns.AddService("_imaps._tcp.example.org", "Imap.Example.org", 1993, priority: 10);
        dns.AddService("_imap._tcp.example.org", "imap.hoster.example", 143, priority: 10);
        dns.AddService("_pop3s._tcp.example.org", ".", 0);
        dns.AddService("_pop3._tcp.example.org", "192.0.2.7", 110);
        using var discovery = Discovery(dns, web);

        var found = await discovery.FindAsync(s_ann, askDatabase: false, Stop);

        Assert.Equal(
            [
                ("imap.example.org", 1993, TlsMode.Implicit, ServerTrust.Domain),
                ("backup.example.org", 993, TlsMode.Implicit, ServerTrust.Domain),
                ("spare.example.org", 993, TlsMode.Implicit, ServerTrust.Domain),
                ("imap.hoster.example", 143, TlsMode.StartTls, ServerTrust.None),
            ],
            found.Servers.Select(server => (server.Host, server.Port, server.Tls, server.Trust))
        );
        Assert.Equal("imaps://ann@example.org@imap.example.org:1993", found.Best(toWrite: true)!.Url);
        Assert.Contains(
            found.Notes,
            note => note.Kind == DiscoveryNoteKind.Hint && note.Text.StartsWith("_pop3s._tcp.example.org", StringComparison.Ordinal)
        );
        Assert.Contains(
            found.Notes,
            note => note.Kind == DiscoveryNoteKind.Refused && note.Text.StartsWith("_pop3._tcp.example.org", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task Nobody_is_asked_but_the_domain_and_who_receives_its_mail()
    {
        await using var dns = DnsServer.Start();
        await using var web = await WebHosts.StartAsync("autoconfig.example.org");
        dns.AddService("_imaps._tcp.example.org", "imap.hoster.example", 993);
        dns.AddExchanger("example.org", "mx1.post.hoster.example");
        using var discovery = Discovery(dns, web);

        await discovery.FindAsync(s_ann, askDatabase: false, Stop);

        Assert.Equal(
            new HashSet<string>
            {
                "_imaps._tcp.example.org",
                "_imap._tcp.example.org",
                "_pop3s._tcp.example.org",
                "_pop3._tcp.example.org",
                "example.org",
                "autodiscover.example.org",
            },
            dns.Asked
        );
        Assert.Equal(["autoconfig.example.org", "autoconfig.hoster.example", "example.org"], web.Sought.Keys.Order());
        // The address goes to nobody but the domain's web server for mail programs.
        Assert.Equal(["autoconfig.example.org/mail/config-v1.1.xml?emailaddress=ann%40example.org"], web.Requested);

        await discovery.FindAsync(s_ann, askDatabase: true, Stop);

        Assert.Equal(
            ["autoconfig.example.org", "autoconfig.hoster.example", "autoconfig.thunderbird.net", "example.org"],
            web.Sought.Keys.Order()
        );
    }

    [Theory]
    [InlineData("mx.mail.ex`mple.net")]
    [InlineData("mx.mail.evil/..:8080/.net")]
    [InlineData("mx.mail.user@evil.net")]
    [InlineData("mx.mail.two words.net")]
    [InlineData("mx.mail.-.net")]
    public async Task No_web_server_is_asked_for_what_is_no_name(string exchanger)
    {
        await using var dns = DnsServer.Start();
        await using var web = await WebHosts.StartAsync();
        dns.AddExchanger("example.org", exchanger);
        using var discovery = Discovery(dns, web);

        var found = await discovery.FindAsync(s_ann, askDatabase: true, Stop);

        Assert.Equal(["autoconfig.example.org", "autoconfig.thunderbird.net", "example.org"], web.Sought.Keys.Order());
        Assert.Contains(found.Notes, note => note is { Source: DiscoverySource.MailExchanger, Kind: DiscoveryNoteKind.Refused });
    }

    [Fact]
    public async Task The_database_learns_the_domain_alone()
    {
        await using var dns = DnsServer.Start();
        await using var web = await WebHosts.StartAsync("autoconfig.thunderbird.net");
        web.Add("autoconfig.thunderbird.net/v1.1/example.org", Config("imap.hoster.example", 993, "SSL"));
        using var discovery = Discovery(dns, web);

        var found = await discovery.FindAsync(s_ann, askDatabase: true, Stop);

        Assert.Equal(["autoconfig.thunderbird.net/v1.1/example.org"], web.Requested);
        var server = Assert.Single(found.Servers);
        Assert.Equal(
            ("imap.hoster.example", DiscoverySource.Database, ServerTrust.None, false),
            (server.Host, server.Source, server.Trust, server.IsProven)
        );
    }

    [Fact]
    public async Task The_file_for_mail_programs_names_server_user_and_login()
    {
        await using var dns = DnsServer.Start();
        await using var web = await WebHosts.StartAsync("autoconfig.example.org", "example.org");
        web.Add(
            "autoconfig.example.org/mail/config-v1.1.xml",
            """
            <?xml version="1.0"?>
            <clientConfig version="1.1"><emailProvider id="x"><domain>example.org</domain>
              <incomingServer type="exchange"><hostname>ews.example.org</hostname><port>443</port><username>x</username></incomingServer>
              <incomingServer type="pop3"><hostname>pop.example.org</hostname><port>995</port><socketType>SSL</socketType>
                <username>%EMAILLOCALPART%</username><authentication>password-cleartext</authentication></incomingServer>
              <incomingServer type="imap"><hostname>imap.%EMAILDOMAIN%</hostname><port>143</port><socketType>STARTTLS</socketType>
                <username>%EMAILADDRESS%</username><authentication>OAuth2</authentication></incomingServer>
              <incomingServer type="imap"><hostname>imap.example.org</hostname><port>143</port><socketType>plain</socketType>
                <username>%EMAILADDRESS%</username></incomingServer>
            </emailProvider></clientConfig>
            """
        );
        web.Add(
            "example.org/.well-known/autoconfig/mail/config-v1.1.xml",
            context =>
            {
                context.Response.Redirect("https://autoconfig.example.org/other.xml");
                return Task.CompletedTask;
            }
        );
        using var discovery = Discovery(dns, web);

        var found = await discovery.FindAsync(s_ann, askDatabase: false, Stop);

        Assert.Equal(
            [
                (MailProtocol.Imap, "imap.example.org", TlsMode.StartTls, "ann@example.org", DiscoveredLogin.OAuth),
                (MailProtocol.Pop3, "pop.example.org", TlsMode.Implicit, "ann", DiscoveredLogin.Password),
                (MailProtocol.Imap, "imap.example.org", TlsMode.None, "ann@example.org", DiscoveredLogin.Password),
            ],
            found.Servers.Select(server => (server.Protocol, server.Host, server.Tls, server.User, server.Login))
        );
        Assert.Contains("autoconfig.example.org/other.xml", web.Requested);
        Assert.False(found.Servers[2].IsProven);
    }

    [Theory]
    [InlineData("aspmx.l.google.com", "imap.gmail.com", DiscoveredLogin.Google)]
    [InlineData("example-org.mail.protection.outlook.com", "outlook.office365.com", DiscoveredLogin.Microsoft)]
    [InlineData("example-org.mail.protection.office365.us", "outlook.office365.us", DiscoveredLogin.Microsoft)]
    [InlineData("mx.zoho.eu", "imappro.zoho.eu", DiscoveredLogin.Password)]
    [InlineData("mx00.kundenserver.de", "imap.ionos.de", DiscoveredLogin.Password)]
    [InlineData("mx1.mail.ovh.net", "ssl0.ovh.net", DiscoveredLogin.Password)]
    [InlineData("smtpin.rzone.de", "imap.strato.de", DiscoveredLogin.Password)]
    [InlineData("in1-smtp.messagingengine.com", "imap.fastmail.com", DiscoveredLogin.AppPassword)]
    public async Task Who_receives_the_mail_tells_the_provider(string exchanger, string host, DiscoveredLogin login)
    {
        await using var dns = DnsServer.Start();
        await using var web = await WebHosts.StartAsync();
        dns.AddExchanger("example.org", "later.example.net", preference: 20);
        dns.AddExchanger("example.org", exchanger);
        using var discovery = Discovery(dns, web);

        var best = (await discovery.FindAsync(s_ann, askDatabase: false, Stop)).Best(toWrite: true)!;

        Assert.Equal(
            (host, login, DiscoverySource.MailExchanger, ServerTrust.Provider, true),
            (best.Host, best.Login, best.Source, best.Trust, best.IsProven)
        );
    }

    [Fact]
    public async Task A_host_of_a_customer_within_the_domain_of_a_provider_proves_nothing()
    {
        await using var dns = DnsServer.Start();
        await using var web = await WebHosts.StartAsync();
        dns.AddService("_imaps._tcp.example.org", "vps-7.mail.gandi.net", 993);
        dns.AddService("_imaps._tcp.example.org", "outlook.office365.com.evil.example", 993);
        // The right host with another port may be anything that runs there.
        dns.AddService("_imaps._tcp.example.org", "imap.gmail.com", 9993);
        using var discovery = Discovery(dns, web);

        var found = await discovery.FindAsync(s_ann, askDatabase: false, Stop);

        Assert.Equal(3, found.Servers.Count);
        Assert.All(found.Servers, server => Assert.Equal((ServerTrust.None, false), (server.Trust, server.IsProven)));
    }

    [Fact]
    public async Task Behind_a_filter_the_alias_for_Outlook_says_more_than_who_may_send()
    {
        await using var dns = DnsServer.Start();
        await using var web = await WebHosts.StartAsync();
        foreach (var domain in new[] { "example.org", "example.net" })
        {
            dns.AddExchanger(domain, "eu-smtp-inbound-1.mimecast.com");
            dns.AddText(domain, "google-site-verification=1");
            dns.AddText(domain, "v=spf1 include:eu._netblocks.mimecast.com include:_spf.google.com ~all");
        }
        dns.AddAlias("autodiscover.example.org", "autodiscover.outlook.com");
        using var discovery = Discovery(dns, web);

        var outlook = await discovery.FindAsync(s_ann, askDatabase: false, Stop);
        var sender = await discovery.FindAsync(MailboxAddress.Parse("ann@example.net", "address"), askDatabase: false, Stop);

        Assert.Equal(
            ("outlook.office365.com", DiscoverySource.Autodiscover, true),
            (outlook.Best(true)!.Host, outlook.Best(true)!.Source, outlook.Best(true)!.IsProven)
        );
        Assert.Contains(outlook.Notes, note => note.Text.Contains("Mimecast filters its mail", StringComparison.Ordinal));
        Assert.Equal(
            ("imap.gmail.com", DiscoverySource.Spf, false),
            (sender.Best(true)!.Host, sender.Best(true)!.Source, sender.Best(true)!.IsProven)
        );
        // The filter's own files are not those of its customers.
        Assert.DoesNotContain("autoconfig.mimecast.com", web.Sought.Keys);
    }

    [Fact]
    public async Task A_contradiction_is_shown_and_what_is_proved_comes_first()
    {
        await using var dns = DnsServer.Start();
        await using var web = await WebHosts.StartAsync("autoconfig.example.org");
        dns.AddService("_imaps._tcp.example.org", "imap.hoster.example", 993);
        dns.AddExchanger("example.org", "aspmx.l.google.com");
        web.Add("autoconfig.example.org/mail/config-v1.1.xml", Config("imap.example.org", 993, "SSL"));
        using var discovery = Discovery(dns, web);

        var found = await discovery.FindAsync(s_ann, askDatabase: false, Stop);

        Assert.Equal(
            [
                ("imap.example.org", DiscoverySource.Autoconfig),
                ("imap.gmail.com", DiscoverySource.MailExchanger),
                ("imap.hoster.example", DiscoverySource.Srv),
                ("pop.gmail.com", DiscoverySource.MailExchanger),
            ],
            found.Servers.Select(server => (server.Host, server.Source))
        );
    }

    [Fact]
    public async Task Failures_of_DNS_are_told_from_names_that_do_not_exist()
    {
        await using var dns = DnsServer.Start();
        await using var web = await WebHosts.StartAsync();
        dns.Arm("_imaps._tcp.example.org", DnsFault.ServerFailure);
        dns.Arm("_imap._tcp.example.org", DnsFault.Noise);
        dns.AddText("example.org", "v=spf1 -all");
        using var discovery = Discovery(dns, web);

        var found = await discovery.FindAsync(s_ann, askDatabase: false, Stop);

        Assert.True(found.IsPartial);
        Assert.Contains(
            new(DiscoverySource.Srv, DiscoveryNoteKind.Failed, "_imaps._tcp.example.org: the DNS server failed (SERVFAIL)."),
            found.Notes
        );
        Assert.Contains(
            found.Notes,
            note => note.Kind == DiscoveryNoteKind.Failed && note.Text.StartsWith("_imap._tcp.example.org: ", StringComparison.Ordinal)
        );
        Assert.Contains(
            new(DiscoverySource.MailExchanger, DiscoveryNoteKind.Nothing, "MX of example.org: there is no such record."),
            found.Notes
        );

        var nobody = await discovery.FindAsync(MailboxAddress.Parse("ann@nobody.example", "address"), askDatabase: false, Stop);

        Assert.False(nobody.IsPartial);
        Assert.Empty(nobody.Servers);
        Assert.Contains(
            new(DiscoverySource.MailExchanger, DiscoveryNoteKind.Nothing, "MX of nobody.example: there is no such name."),
            nobody.Notes
        );
    }

    [Fact]
    public async Task A_DNS_server_that_is_not_there_is_a_failure()
    {
        await using var web = await WebHosts.StartAsync();
        using var discovery = new ServerDiscovery(
            [new IPEndPoint(IPAddress.Loopback, DovecotServer.FreePorts(1)[0])],
            TimeProvider.System,
            web.Handler()
        );

        var found = await discovery.FindAsync(s_ann, askDatabase: false, Stop);

        Assert.True(found.IsPartial);
        Assert.Empty(found.Servers);
    }

    [Fact]
    public async Task What_is_too_long_for_one_packet_comes_over_TCP_and_a_thousand_records_are_not_a_thousand_servers()
    {
        Assert.SkipUnless(System.Net.Sockets.Socket.OSSupportsIPv6, "This machine has no IPv6.");
        await using var dns = DnsServer.Start(IPAddress.IPv6Loopback);
        await using var web = await WebHosts.StartAsync();
        dns.AddService("_imaps._tcp.example.org", "imap.example.org", 993);
        dns.Arm("_imaps._tcp.example.org", DnsFault.Truncation);
        for (var number = 0; number < 1_000; number++)
            dns.AddService("_imap._tcp.example.org", $"host-{number}.example.org", 143, priority: number / 100);
        dns.AddText("example.org", "v=spf1 include:_spf.google.com " + new string('x', 60_000));
        using var discovery = Discovery(dns, web);

        var found = await discovery.FindAsync(s_ann, askDatabase: false, Stop);

        Assert.Superset(new HashSet<string> { "_imaps._tcp.example.org", "_imap._tcp.example.org" }, dns.AskedOverTcp.ToHashSet());
        Assert.Equal("imap.example.org", found.Best(toWrite: true)!.Host);
        Assert.Equal(6, found.Servers.Count);
        Assert.DoesNotContain(found.Servers, server => server.Source == DiscoverySource.Spf);
    }

    public static TheoryData<string, string> HostileFiles =>
        new()
        {
            {
                "entities",
                "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">]>" + Config("&b;.example.org", 993, "SSL")
            },
            { "another file", "<!DOCTYPE x [<!ENTITY a SYSTEM \"file:///etc/hostname\">]>" + Config("&a;", 993, "SSL") },
            { "a page", "<html><body>Welcome</body></html>" },
            { "no XML", "not < xml" },
            { "nothing", "" },
            { "too long", Config("imap.example.org", 993, "SSL") + new string(' ', 70_000) },
            { "deep", "<clientConfig>" + string.Concat(Enumerable.Repeat("<a>", 10_000)) },
            { "an address", Config("127.0.0.1", 993, "SSL") },
            { "an address of IPv6", Config("[::1]", 993, "SSL") },
            { "a URL", Config("imap.example.org/x", 993, "SSL") },
            { "a user in the host", Config("ann@imap.example.org", 993, "SSL") },
            { "a port of none", Config("imap.example.org", 0, "SSL") },
            { "a port too high", Config("imap.example.org", 65_536, "SSL") },
            { "unknown TLS", Config("imap.example.org", 993, "SSL3") },
            { "a variable", Config("imap.example.org", 993, "SSL", "%REALNAME%") },
            { "no user", Config("imap.example.org", 993, "SSL", "") },
        };

    [Theory]
    [MemberData(nameof(HostileFiles))]
    public async Task A_hostile_file_names_no_server(string what, string file)
    {
        await using var dns = DnsServer.Start();
        await using var web = await WebHosts.StartAsync("autoconfig.example.org");
        dns.AddExchanger("example.org", "aspmx.l.google.com");
        web.Add("autoconfig.example.org/mail/config-v1.1.xml", file);
        using var discovery = Discovery(dns, web);

        var found = await discovery.FindAsync(s_ann, askDatabase: false, Stop);

        Assert.DoesNotContain(found.Servers, server => server.Source == DiscoverySource.Autoconfig);
        Assert.True(
            found.Notes.Any(note => note is { Source: DiscoverySource.Autoconfig, Kind: DiscoveryNoteKind.Refused }),
            $"{what}: {string.Join(" ", found.Notes.Select(note => note.Text))}"
        );
        // What the others found is as good as before.
        Assert.Equal("imap.gmail.com", found.Best(toWrite: true)!.Host);
    }

    [Theory]
    [InlineData("http://autoconfig.example.org/config.xml", "not https")]
    [InlineData("https://autoconfig.example.org/mail/config-v1.1.xml", "without end")]
    [InlineData("https://ann:secret@autoconfig.example.org/config.xml", "with a password")]
    public async Task A_redirect_leads_to_https_and_to_an_end_or_nowhere(string location, string refusal)
    {
        await using var dns = DnsServer.Start();
        await using var web = await WebHosts.StartAsync("autoconfig.example.org");
        dns.AddExchanger("example.org", "aspmx.l.google.com");
        web.Add("autoconfig.example.org/config.xml", Config("imap.example.org", 993, "SSL"));
        web.Add(
            "autoconfig.example.org/mail/config-v1.1.xml",
            context =>
            {
                context.Response.Redirect(location);
                return Task.CompletedTask;
            }
        );
        using var discovery = Discovery(dns, web);

        var found = await discovery.FindAsync(s_ann, askDatabase: false, Stop);

        Assert.DoesNotContain(found.Servers, server => server.Source == DiscoverySource.Autoconfig);
        Assert.Contains(
            found.Notes,
            note => note.Kind == DiscoveryNoteKind.Refused && note.Text.Contains(refusal, StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task What_does_not_answer_in_time_takes_nothing_from_the_others()
    {
        await using var dns = DnsServer.Start();
        await using var web = await WebHosts.StartAsync("autoconfig.example.org");
        dns.AddExchanger("example.org", "aspmx.l.google.com");
        dns.Arm("_imaps._tcp.example.org", DnsFault.Silence);
        var (waiting, time) = (new TaskCompletionSource(), new FakeTimeProvider());
        web.Add(
            "autoconfig.example.org/mail/config-v1.1.xml",
            async context =>
            {
                await context.Response.WriteAsync("<clientConfig>");
                await context.Response.Body.FlushAsync();
                waiting.SetResult();
                await Task.Delay(Timeout.Infinite, context.RequestAborted);
            }
        );
        using var discovery = new ServerDiscovery([dns.EndPoint], time, web.Handler());

        var finding = discovery.FindAsync(s_ann, askDatabase: false, Stop);
        await waiting.Task.WaitAsync(Stop);
        // Some seconds later, when it is asked again: all others have answered by then.
        while (dns.TimesAsked("_imaps._tcp.example.org") < 2 && !finding.IsCompleted)
            await Task.Delay(20, Stop);
        time.Advance(TimeSpan.FromSeconds(15));
        var found = await finding;

        Assert.Equal("imap.gmail.com", found.Best(toWrite: true)!.Host);
        Assert.Equal(
            ["SRV record: no answer within 15 seconds.", "autoconfig: no answer within 15 seconds."],
            found.Notes.Where(note => note.Kind == DiscoveryNoteKind.Failed).Select(note => note.Text)
        );
    }

    [Fact]
    public async Task A_person_who_stops_it_does_not_wait()
    {
        await using var dns = DnsServer.Start();
        await using var web = await WebHosts.StartAsync();
        dns.Arm("_imaps._tcp.example.org", DnsFault.Silence);
        using var discovery = Discovery(dns, web);
        using var stop = new CancellationTokenSource();

        var finding = discovery.FindAsync(s_ann, askDatabase: false, stop.Token);
        while (dns.TimesAsked("_imaps._tcp.example.org") == 0 && !finding.IsCompleted)
            await Task.Delay(20, Stop);
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => finding);
    }

    [Theory]
    [InlineData(MailProtocol.Imap, TlsMode.Implicit)]
    [InlineData(MailProtocol.Imap, TlsMode.StartTls)]
    [InlineData(MailProtocol.Pop3, TlsMode.Implicit)]
    [InlineData(MailProtocol.Pop3, TlsMode.StartTls)]
    public async Task A_certificate_for_the_domain_proves_the_server(MailProtocol protocol, TlsMode tls)
    {
        var (certificate, authority) = TestCertificates.Issued("localhost", null, "example.org");
        await using var server = await DovecotServer.StartAsync(new DovecotOptions(Certificate: certificate));
        await using var dns = DnsServer.Start();
        using var trusting = new ServerDiscovery([dns.EndPoint], TimeProvider.System, authorities: [authority]);
        using var ordinary = new ServerDiscovery([dns.EndPoint], TimeProvider.System);
        var port = (protocol, tls) switch
        {
            (MailProtocol.Imap, TlsMode.Implicit) => server.ImapsPort,
            (MailProtocol.Imap, _) => server.ImapPort,
            (_, TlsMode.Implicit) => server.Pop3sPort,
            _ => server.Pop3Port,
        };
        var found = new DiscoveredServer(
            protocol,
            "localhost",
            port,
            tls,
            "ann",
            DiscoveredLogin.Password,
            DiscoverySource.Srv,
            "test",
            ServerTrust.None
        );

        var proved = await trusting.TryAsync(found, s_ann, Stop);
        var other = await trusting.TryAsync(found, MailboxAddress.Parse("ann@other.example", "address"), Stop);
        var untrusted = await ordinary.TryAsync(found, s_ann, Stop);
        var closed = await trusting.TryAsync(found with { Port = DovecotServer.FreePorts(1)[0] }, s_ann, Stop);

        Assert.Equal((ServerTrust.Certificate, true), (proved.Trust, proved.IsProven));
        Assert.Equal(
            (server.Fingerprint, "certificate issued to localhost, example.org by Test authority"),
            (proved.Certificate!.Fingerprint, proved.Certificate.Text)
        );
        Assert.Equal((ServerTrust.None, true, false), (other.Trust, other.Certificate!.FitsHost, other.Certificate.FitsDomain));
        Assert.Equal((ServerTrust.None, false), (untrusted.Trust, untrusted.Certificate!.IsTrusted));
        Assert.Equal((ServerTrust.None, (ServerCertificate?)null), (closed.Trust, closed.Certificate));
    }

    private static ServerDiscovery Discovery(DnsServer dns, WebHosts web) => new([dns.EndPoint], TimeProvider.System, web.Handler());

    private static string Config(string host, int port, string tls, string user = "%EMAILADDRESS%") =>
        $"""
            <clientConfig version="1.1"><emailProvider id="x"><incomingServer type="imap"><hostname>{host}</hostname><port>{port}</port>
            <socketType>{tls}</socketType><username>{user}</username></incomingServer></emailProvider></clientConfig>
            """;
}
