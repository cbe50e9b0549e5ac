namespace Migrator.Core.Discovery;

/// <summary>The certificate that a server presented when it was tried. Nothing but the start of TLS was sent.</summary>
/// <param name="Names">Whom it is issued to.</param>
/// <param name="Issuer">Who issued it.</param>
/// <param name="Fingerprint">SHA-256, 64 hexadecimal digits in lower case.</param>
/// <param name="IsTrusted">An authority that this machine trusts issued it, and it has not expired.</param>
/// <param name="FitsHost">It is valid for the host.</param>
/// <param name="FitsDomain">It is valid for the domain of the address.</param>
public sealed record ServerCertificate(
    IReadOnlyList<string> Names,
    string Issuer,
    string Fingerprint,
    bool IsTrusted,
    bool FitsHost,
    bool FitsDomain
)
{
    /// <summary>What a connection would say of it.</summary>
    public string Text =>
        $"certificate issued to {(Names.Count == 0 ? "nobody" : string.Join(", ", Names.Take(3)))}{(Names.Count > 3 ? ", …" : "")}"
        + (
            !IsTrusted ? ", not trusted by this machine"
            : !FitsHost ? ", not for this host"
            : $" by {Issuer}"
        );
}
