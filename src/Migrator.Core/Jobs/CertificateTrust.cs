namespace Migrator.Core.Jobs;

/// <summary>Which server certificates are accepted besides those that the system trusts.</summary>
/// <param name="Fingerprint">SHA-256 of the one accepted certificate, 64 hexadecimal digits without separators; null for any
/// trusted one. A pinned certificate may be self-signed or expired, or bear another name.</param>
/// <param name="CaFile">A PEM file of authorities trusted instead of the system's.</param>
public sealed record CertificateTrust(string? Fingerprint, string? CaFile)
{
    public static readonly CertificateTrust System = new(null, null);

    /// <returns>64 lower-case hexadecimal digits; null where the text is not a SHA-256 fingerprint.</returns>
    public static string? ParseFingerprint(string text)
    {
        var digits = (text.StartsWith("sha256:", StringComparison.OrdinalIgnoreCase) ? text[7..] : text)
            .Replace(":", "", StringComparison.Ordinal)
            .ToLowerInvariant();
        return digits.Length == 64 && digits.All(char.IsAsciiHexDigit) ? digits : null;
    }
}
