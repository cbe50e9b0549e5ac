namespace Migrator.Core.Archives;

/// <param name="Generation">How often the master key had been rotated.</param>
/// <param name="Fingerprint">Of <see cref="ArchiveKeys.Fingerprint"/>.</param>
public sealed record SeenKey(int Generation, string Fingerprint);
