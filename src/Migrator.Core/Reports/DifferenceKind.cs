namespace Migrator.Core.Reports;

public enum DifferenceKind
{
    /// <summary>At the source, not at the target.</summary>
    Missing,

    /// <summary>In its folder at the target, and in the trash or spam there too: the target is about to delete it.</summary>
    Trashed,

    /// <summary>At the target, not at the source.</summary>
    Extra,

    /// <summary>Other bytes.</summary>
    Content,
    Flags,
    InternalDate,

    /// <summary>The folder itself is missing at the target.</summary>
    Folder,

    /// <summary>At the target still, although its message was deleted or moved at the source: somebody has changed the copy.</summary>
    Kept,

    /// <summary>At the target once more than it was sent: an interrupted session's bytes arrived late.</summary>
    Duplicate,
}
