namespace Migrator.App.Certificates;

/// <summary>What a time stamp says.</summary>
/// <param name="Authority">Name in the certificate of the time-stamp authority.</param>
/// <param name="Fingerprint">SHA-256 of that certificate.</param>
public sealed record CertificateTime(DateTimeOffset Time, string Authority, string Fingerprint);
