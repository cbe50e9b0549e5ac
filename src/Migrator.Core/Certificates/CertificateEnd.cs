namespace Migrator.Core.Certificates;

/// <summary>What the last line of a certificate says.</summary>
/// <param name="Mailbox">Null for a job, as are <paramref name="Source"/> and <paramref name="Target"/>.</param>
public sealed record CertificateEnd(
    string? Job,
    string? Mailbox,
    string? Source,
    string? Target,
    string? File,
    string? Verdict,
    string? Root
);
