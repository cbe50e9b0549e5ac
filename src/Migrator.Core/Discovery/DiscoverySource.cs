namespace Migrator.Core.Discovery;

/// <summary>Where a finding comes from, the most specific first.</summary>
public enum DiscoverySource
{
    /// <summary>SRV records of the domain (RFC 6186, RFC 8314).</summary>
    Srv,

    /// <summary>The file for Thunderbird, from the domain's own web server.</summary>
    Autoconfig,

    /// <summary>The host that receives the domain's mail (MX) is that of a known provider.</summary>
    MailExchanger,

    /// <summary>The alias <c>autodiscover</c> of the domain, by which Outlook finds its server.</summary>
    Autodiscover,

    /// <summary>Thunderbird's database, on a server of Mozilla.</summary>
    Database,

    /// <summary>The file for Thunderbird, from the web server of the host that receives the domain's mail.</summary>
    MailExchangerAutoconfig,

    /// <summary>Who may send mail for the domain (SPF).</summary>
    Spf,

    /// <summary>A usual name within the domain, where a server answers.</summary>
    Guess,
}

/// <summary>Their names.</summary>
public static class DiscoverySourceNames
{
    /// <summary>As people read it.</summary>
    public static string Title(this DiscoverySource source) =>
        source switch
        {
            DiscoverySource.Srv => "SRV record",
            DiscoverySource.Autoconfig => "autoconfig",
            DiscoverySource.MailExchanger => "MX record",
            DiscoverySource.Autodiscover => "autodiscover alias",
            DiscoverySource.Database => "Thunderbird's database",
            DiscoverySource.MailExchangerAutoconfig => "autoconfig of the MX",
            DiscoverySource.Spf => "SPF record",
            _ => "guess",
        };

    /// <summary>As programs read it; never renamed.</summary>
    public static string Name(this DiscoverySource source) =>
        source switch
        {
            DiscoverySource.Srv => "srv",
            DiscoverySource.Autoconfig => "autoconfig",
            DiscoverySource.MailExchanger => "mx",
            DiscoverySource.Autodiscover => "autodiscover",
            DiscoverySource.Database => "ispdb",
            DiscoverySource.MailExchangerAutoconfig => "mxAutoconfig",
            DiscoverySource.Spf => "spf",
            _ => "guess",
        };
}
