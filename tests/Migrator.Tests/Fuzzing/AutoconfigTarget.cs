using System.Text;
using Migrator.Core.Discovery;
using Migrator.Discovery.Finding;
using Migrator.Tests.Servers;

namespace Migrator.Tests.Fuzzing;

/// <summary>Files for Thunderbird, written by anybody who can answer for a domain.</summary>
internal sealed class AutoconfigTarget : FuzzTarget
{
    private static readonly MailboxAddress s_ann = MailboxAddress.Parse("ann@example.org", "address");

    private readonly DnsServer _dns = DnsServer.Start();

    // Where nothing at all is found, names are guessed, and the system is asked for them.
    public AutoconfigTarget() => _dns.AddService("_imaps._tcp.example.org", "imap.example.org", 993);

    public override string Name => "autoconfig";

    public override IReadOnlyList<byte[]> Inputs { get; } =
    [
        .. new[]
        {
            "<clientConfig version=\"1.1\"><emailProvider id=\"x\"><domain>example.org</domain>"
                + "<incomingServer type=\"imap\"><hostname>imap.example.org</hostname><port>993</port><socketType>SSL</socketType>"
                + "<username>%EMAILADDRESS%</username><authentication>OAuth2</authentication></incomingServer>"
                + "<incomingServer type=\"pop3\"><hostname>pop.%EMAILDOMAIN%</hostname><port>110</port><socketType>STARTTLS</socketType>"
                + "<username>%EMAILLOCALPART%</username><authentication>password-cleartext</authentication></incomingServer>"
                + "<outgoingServer type=\"smtp\"/></emailProvider></clientConfig>",
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<clientConfig xmlns=\"x\"><emailProvider><incomingServer type=\"imap\">"
                + "<hostname>imap.example.org</hostname><port>143</port><socketType>STARTTLS</socketType>"
                + "<username>ann</username></incomingServer></emailProvider></clientConfig>",
        }.Select(Encoding.UTF8.GetBytes),
    ];

    public override IReadOnlyList<string> Tokens { get; } =
    [
        "<",
        ">",
        "</",
        "<![CDATA[",
        "]]>",
        "<!DOCTYPE a [<!ENTITY b \"c\">]>",
        "&b;",
        "&#0;",
        "&#x110000;",
        "&#xD800;",
        "<?xml version=\"1.0\" encoding=\"utf-16\"?>",
        "<?xml version=\"1.0\" encoding=\"x\"?>",
        "\u00ff\u00fe",
        "%EMAILADDRESS%",
        "xn--\u00e4",
        "[::1]",
        "192.0.2.1",
        "..",
        " ",
        "<incomingServer type=\"imap\">",
    ];

    public override async Task ReadAsync(byte[] input, int origin, CancellationToken stop)
    {
        using var discovery = new ServerDiscovery([_dns.EndPoint], TimeProvider.System, new FixedWebServer(_ => input));
        var found = await discovery.FindAsync(s_ann, askDatabase: true, stop);
        WasRead = found.Servers.Any(server => server.Source == DiscoverySource.Autoconfig);
    }

    public override ValueTask DisposeAsync() => _dns.DisposeAsync();
}
