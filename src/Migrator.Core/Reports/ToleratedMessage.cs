using Migrator.Core.Mail;

namespace Migrator.Core.Reports;

/// <summary>A message that the target has in a form that the comparison was asked to accept.</summary>
/// <param name="Rewrites">What was done to it.</param>
/// <param name="Detail">Which fields were added, and by which field of the header it is dated.</param>
public sealed record ToleratedMessage(
    FolderPath Folder,
    Uid Uid,
    FolderPath TargetFolder,
    TargetUid TargetUid,
    MatchedBy MatchedBy,
    IReadOnlyList<Rewrite> Rewrites,
    string Detail
);
