namespace Migrator.Core.Archives;

/// <param name="Name">Of the blob.</param>
/// <param name="Supersedes">Names of the index blobs that it replaces.</param>
public sealed record IndexedBlob(string Name, IReadOnlyList<string> Supersedes, IReadOnlyList<PackContents> Packs);
