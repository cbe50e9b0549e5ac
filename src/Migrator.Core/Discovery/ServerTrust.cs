namespace Migrator.Core.Discovery;

/// <summary>Why a password for an address may go to a host; the best first. The certificate is verified in any case: these say that the
/// host is the right one.</summary>
public enum ServerTrust
{
    /// <summary>It is the host of a known provider, which nobody else can have.</summary>
    Provider,

    /// <summary>It is within the domain of the address: who has a certificate for it acts for the domain.</summary>
    Domain,

    /// <summary>Its certificate is valid for the domain of the address (RFC 6186, section 5).</summary>
    Certificate,

    /// <summary>Nothing proves it: a person has to confirm it.</summary>
    None,
}

/// <summary>Their names.</summary>
public static class ServerTrustNames
{
    /// <summary>As people read it.</summary>
    public static string Title(this ServerTrust trust) =>
        trust switch
        {
            ServerTrust.Provider => "known provider",
            ServerTrust.Domain => "same domain",
            ServerTrust.Certificate => "certificate",
            _ => "unproven",
        };

    /// <summary>As programs read it; never renamed.</summary>
    public static string Name(this ServerTrust trust) =>
        trust switch
        {
            ServerTrust.Provider => "provider",
            ServerTrust.Domain => "domain",
            ServerTrust.Certificate => "certificate",
            _ => "none",
        };
}
