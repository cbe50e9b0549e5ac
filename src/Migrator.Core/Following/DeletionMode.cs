namespace Migrator.Core.Following;

/// <summary>What becomes of a copy whose message was deleted at the source.</summary>
public enum DeletionMode
{
    /// <summary>It is moved to the trash of the target, or to <see cref="FollowRules.Folder"/> where the target has none.</summary>
    Trash,

    /// <summary>It is moved to <see cref="FollowRules.Folder"/>.</summary>
    Folder,

    /// <summary>It is marked as <c>\Deleted</c> in its place.</summary>
    Mark,

    /// <summary>It is removed for good, by its UID.</summary>
    Expunge,

    /// <summary>It stays: moves are followed, deletions are not.</summary>
    Keep,
}
