using Migrator.Core.Failures;
using Migrator.Core.Following;
using Migrator.Core.Plans;

namespace Migrator.Core.Migrations;

/// <summary>What a run would follow of what was renamed, moved and deleted at the source.</summary>
/// <param name="Mode">What becomes of copies whose messages were deleted.</param>
/// <param name="Renames">Folders of the target, one before those below it.</param>
/// <param name="Moves">Messages that would be delivered and seem to be moved: by their size and date.</param>
/// <param name="Deletions">By folder.</param>
/// <param name="Kept">Copies that stay, because somebody has changed them.</param>
public sealed record FollowForecast(
    DeletionMode Mode,
    IReadOnlyList<PlannedRename> Renames,
    long Moves,
    IReadOnlyList<PlannedDeletion> Deletions,
    long Kept
)
{
    /// <summary>Why nothing can be followed; null where it can.</summary>
    public Failure? Problem { get; init; }
}
