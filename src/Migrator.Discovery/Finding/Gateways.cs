namespace Migrator.Discovery.Finding;

/// <summary>Who filters the mail of others: an MX of theirs says nothing of where the mailboxes are.</summary>
internal static class Gateways
{
    private static readonly (string End, string Name)[] s_all =
    [
        ("pphosted.com", "Proofpoint"),
        ("ppe-hosted.com", "Proofpoint Essentials"),
        ("mimecast.com", "Mimecast"),
        ("mimecast.co.za", "Mimecast"),
        ("barracudanetworks.com", "Barracuda"),
        ("iphmx.com", "Cisco Secure Email"),
        ("mailcontrol.com", "Forcepoint"),
        ("etp.fireeye.com", "Trellix"),
        ("messagelabs.com", "Symantec Email Security"),
        ("hornetsecurity.com", "Hornetsecurity"),
        ("antispamcloud.com", "SpamExperts"),
        ("mx.cloudflare.net", "Cloudflare Email Routing"),
    ];

    /// <returns>Null where the host is of none that is known.</returns>
    public static string? Of(string host) =>
        s_all
            .FirstOrDefault(gateway =>
                host.Equals(gateway.End, StringComparison.OrdinalIgnoreCase)
                || host.EndsWith($".{gateway.End}", StringComparison.OrdinalIgnoreCase)
            )
            .Name;
}
