using Migrator.Core.Mail;

namespace Migrator.Core.Reports;

/// <summary>A message is at the target, but not as it is at the source.</summary>
/// <param name="Kind">What differs.</param>
/// <param name="Expected">What the source has.</param>
/// <param name="Actual">What the target has.</param>
public sealed record Difference(
    DifferenceKind Kind,
    FolderPath Folder,
    Uid? Uid,
    FolderPath TargetFolder,
    TargetUid? TargetUid,
    string Expected,
    string Actual,
    string? Subject = null
)
{
    /// <inheritdoc cref="MessageFailure.File"/>
    public string? File { get; init; }
}
