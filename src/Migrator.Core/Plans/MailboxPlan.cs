using Migrator.Core.Failures;
using Migrator.Core.Following;

namespace Migrator.Core.Plans;

/// <summary>What a run would do with one mailbox: read by a person first, and then what a run does, and no more.</summary>
/// <param name="Source">As in checkpoints.</param>
/// <param name="Target">Likewise.</param>
/// <param name="Folders">In the order in which a run takes them.</param>
public sealed record MailboxPlan(string Job, string Source, string Target, DateTimeOffset Made, IReadOnlyList<PlannedFolder> Folders)
{
    /// <summary>Folders of the target that take another name, a folder before those below it.</summary>
    public IReadOnlyList<PlannedRename> Renames { get; init; } = [];

    /// <summary>Messages of <see cref="PlannedFolder.Deliver"/> that seem to be moves: their copies are moved where the content is the
    /// same.</summary>
    public long Moves { get; init; }

    public IReadOnlyList<PlannedDeletion> Deletions { get; init; } = [];

    /// <summary>What becomes of the copies of <see cref="Deletions"/>; null where the job does not follow the source.</summary>
    public DeletionMode? DeletionMode { get; init; }

    /// <summary>Copies that stay although their messages were deleted or moved, because somebody has changed them.</summary>
    public long Kept { get; init; }

    /// <summary>When daily limits let a run be complete that begins at <see cref="Made"/>; null where there are none.</summary>
    public DateTimeOffset? CompleteBy { get; init; }

    /// <summary>What a person should know.</summary>
    public IReadOnlyList<string> Notices { get; init; } = [];

    /// <summary>Why a run would not be complete.</summary>
    public IReadOnlyList<Failure> Problems { get; init; } = [];
}
