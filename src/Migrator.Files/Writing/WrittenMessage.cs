namespace Migrator.Files.Writing;

/// <summary>Where a message was written.</summary>
/// <param name="File">Below the root, with <c>/</c>.</param>
/// <param name="Offset">Where it begins in a file that holds several.</param>
internal readonly record struct WrittenMessage(string File, long? Offset);
