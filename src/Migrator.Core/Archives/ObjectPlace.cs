namespace Migrator.Core.Archives;

/// <param name="Pack">The blob's name.</param>
/// <param name="Offset">Of its first segment in the pack.</param>
/// <param name="Stored">Bytes that it takes there.</param>
/// <param name="Row">A number for this place of the object alone.</param>
public readonly record struct ObjectPlace(string Pack, long Offset, long Stored, long Row);
