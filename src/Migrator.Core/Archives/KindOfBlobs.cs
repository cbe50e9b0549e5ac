namespace Migrator.Core.Archives;

/// <param name="Kind">The first part of their names.</param>
/// <param name="Tier">Where they lie; null where the store has only one such place.</param>
public sealed record KindOfBlobs(string Kind, string? Tier, long Blobs, long Bytes);
