namespace Migrator.Core.Archives;

/// <param name="Offset">Where in the pack the object's first segment begins.</param>
/// <param name="Stored">Bytes that it takes in the pack.</param>
/// <param name="Plain">Bytes of the object itself.</param>
public readonly record struct PackEntry(ObjectId Id, long Offset, long Stored, long Plain);
