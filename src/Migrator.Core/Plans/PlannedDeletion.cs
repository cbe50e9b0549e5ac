using Migrator.Core.Mail;

namespace Migrator.Core.Plans;

/// <summary>Copies in one folder of the target whose messages were deleted at the source, and that nobody has touched.</summary>
/// <param name="Source">The folder that the messages were in.</param>
/// <param name="TargetUidValidity">Under another one, these UIDs name other messages.</param>
/// <param name="Uids">At the target.</param>
public sealed record PlannedDeletion(FolderPath Source, FolderPath Target, UidValidity TargetUidValidity, UidSet Uids)
{
    /// <summary>Why a person is asked first; null where nobody is.</summary>
    public string? Held { get; init; }
}
