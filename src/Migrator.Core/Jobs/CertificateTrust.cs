namespace Migrator.Core.Jobs;

/// <summary>Which server certificates are accepted besides those that the system trusts.</summary>
/// <param name="Fingerprint">SHA-256 of the one accepted certificate, 64 hexadecimal digits without separators; null for any
/// trusted one. A pinned certificate may be self-signed or expired, or bear another name.</param>
/// <param name="CaFile">A PEM file of authorities trusted instead of the system's.</param>
public sealed record CertificateTrust(string? Fingerprint, string? CaFile)
{
    public static readonly CertificateTrust System = new(null, null);
}
