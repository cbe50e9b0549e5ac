namespace Migrator.Core.Archives;

/// <param name="Bytes">Of the messages as they were received.</param>
public sealed record Messages(long Count, long Bytes);
