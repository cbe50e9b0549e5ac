using System.Net;
using System.Text;
using Migrator.Core.Discovery;
using Migrator.Discovery.Finding;
using Migrator.Tests.Servers;

namespace Migrator.Tests.Fuzzing;

/// <summary>Answers of DNS servers, which anyone on the way may have written.</summary>
internal sealed class DnsTarget : FuzzTarget
{
    private const string Autoconfig =
        "<clientConfig version=\"1.1\"><emailProvider id=\"x\"><domain>example.org</domain><incomingServer type=\"imap\">"
        + "<hostname>imap.example.org</hostname><port>993</port><socketType>SSL</socketType><username>%EMAILADDRESS%</username>"
        + "</incomingServer></emailProvider></clientConfig>";

    private static readonly MailboxAddress s_ann = MailboxAddress.Parse("ann@example.org", "address");

    private readonly DnsServer _dns = DnsServer.Start();

    public override string Name => "dns";

    /// <summary>All that follows the id and precedes the question, and all that follows the question.</summary>
    public override IReadOnlyList<byte[]> Inputs { get; } =
    [
        Message(
            Record(33, [0, 1, 0, 5, 3, 225, .. DnsName("imap.example.org")]),
            Record(33, [0, 2, 0, 5, 3, 225, .. DnsName("other.example.org")])
        ),
        Message(
            Record(33, [0, 1, 0, 5, 3, 225, .. DnsName("imap.example.org")]),
            Record(15, [0, 10, .. DnsName("mx.mail.example.net")]),
            Record(15, [0, 20, .. DnsName("mx2.mail.example.net")]),
            Record(16, [37, .. "v=spf1 include:spf.example.net ip4:192"u8[..37]]),
            Record(1, [192, 0, 2, 1]),
            Record(28, [.. IPAddress.Parse("2001:db8::1").GetAddressBytes()])
        ),
        Message(Record(5, DnsName("alias.example.net")), Record(33, [0, 0, 0, 0, 3, 225, .. DnsName("imap.example.org")])),
    ];

    public override IReadOnlyList<string> Tokens { get; } =
    [
        "\u00c0\u000c",
        "\u00c0\u00ff",
        "\u00ff\u00ff",
        "\0",
        "\u003f",
        "\u0003www",
        "\0\u0021",
        "\0\u000f",
        "\0\u0010",
        "\0\u0005",
        "\u0083\u0080",
        "\u0081\u0082",
    ];

    public override async Task ReadAsync(byte[] input, int origin, CancellationToken stop)
    {
        _dns.Instead = (id, asked) => [.. id, .. input.Take(10), .. asked, .. input.Skip(10)];
        // What was not changed is read at leisure, however busy the machine is.
        var time = input.SequenceEqual(Inputs[origin]) ? TimeProvider.System : new HurriedClock();
        // Where nothing at all is found, names are guessed, and the system is asked for them.
        using var discovery = new ServerDiscovery([_dns.EndPoint], time, new FixedWebServer(_ => Encoding.UTF8.GetBytes(Autoconfig)));
        var found = await discovery.FindAsync(s_ann, askDatabase: true, stop);
        WasRead = found.Servers.Any(server => server.Source == DiscoverySource.Srv);
        Refusal = string.Join(' ', found.Notes);
    }

    public override ValueTask DisposeAsync() => _dns.DisposeAsync();

    private static byte[] Message(params byte[][] answers) =>
        [0x81, 0x80, 0, 1, 0, (byte)answers.Length, 0, 0, 0, 0, .. answers.SelectMany(answer => answer)];

    /// <summary>Of the name that was asked for.</summary>
    private static byte[] Record(byte type, byte[] content) => [0xC0, 12, 0, type, 0, 1, 0, 0, 0, 60, 0, (byte)content.Length, .. content];

    private static byte[] DnsName(string name) =>
        [.. name.Split('.').SelectMany(label => Encoding.ASCII.GetBytes(label).Prepend((byte)label.Length)), 0];
}
