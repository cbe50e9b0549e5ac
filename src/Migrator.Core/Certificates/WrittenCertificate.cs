namespace Migrator.Core.Certificates;

/// <summary>What is left to do with a certificate that was written: to sign it.</summary>
/// <param name="SignedBytes">The bytes to sign.</param>
/// <param name="Counts">How many lines there are of each kind.</param>
public sealed record WrittenCertificate(byte[] SignedBytes, string Root, bool Identical, IReadOnlyDictionary<string, long> Counts);
