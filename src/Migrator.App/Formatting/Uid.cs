namespace Migrator.App.Formatting;

/// <summary>A message's UID on a page: a number to be searched for, so without separators.</summary>
public readonly record struct Uid(uint Value);
