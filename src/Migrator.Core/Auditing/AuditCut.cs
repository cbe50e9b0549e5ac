namespace Migrator.Core.Auditing;

/// <summary>How the end of the trail differs from what its last writer left.</summary>
/// <param name="Bytes">After the last whole line: what a writer that died has left.</param>
/// <param name="Digest">Their SHA-256; null where there are none.</param>
/// <param name="LostFrom">The first sequence that was recorded and is gone or altered; 0 where none is.</param>
/// <param name="LostTo">The last one.</param>
/// <param name="LostHash">The hash that the last one had.</param>
/// <param name="HeadMissing">The record of the last sequence was missing: whether lines are gone is unknown.</param>
public sealed record AuditCut(long Bytes, string? Digest, long LostFrom, long LostTo, string? LostHash, bool HeadMissing);
