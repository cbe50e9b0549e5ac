namespace Migrator.Core.Archives;

/// <param name="Name">Of the pack's blob.</param>
/// <param name="Size">Of it, in bytes.</param>
/// <param name="Objects">In it.</param>
/// <param name="FirstRow">The <see cref="ObjectPlace.Row"/> of its first object; the others follow in the order of its footer.</param>
public sealed record IndexedPack(string Name, long Size, int Objects, long FirstRow);
