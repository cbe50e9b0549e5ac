namespace Migrator.Core.Archives;

/// <summary>What marks the side of an archive: whose it is.</summary>
internal sealed record ControlMark(Guid Archive);
