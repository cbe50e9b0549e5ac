namespace Migrator.Core.Reports;

/// <summary>What the target followed of what was moved, renamed and deleted at the source.</summary>
/// <param name="Moved">Copies that were moved to the folder in which the source has their messages now.</param>
/// <param name="Deleted">Copies that were moved to the trash, marked or removed, because their messages were deleted.</param>
/// <param name="Renamed">Folders that were renamed.</param>
/// <param name="Kept">Copies that stay although their messages were deleted or moved: changed at the target, or not proved to be made by
/// Migrator. Each is a <see cref="DifferenceKind.Kept"/>.</param>
/// <param name="Held">Copies of deleted messages that wait for a person's consent.</param>
public readonly record struct FollowResult(long Moved, long Deleted, long Renamed, long Kept, long Held)
{
    public static FollowResult operator +(FollowResult a, FollowResult b) =>
        new(a.Moved + b.Moved, a.Deleted + b.Deleted, a.Renamed + b.Renamed, a.Kept + b.Kept, a.Held + b.Held);
}
