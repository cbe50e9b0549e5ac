using Migrator.Core.Mail;

namespace Migrator.Core.Reports;

/// <summary>A message that was delivered and is not taken back.</summary>
/// <param name="Folder">At the target.</param>
/// <param name="Uid">There; 0 where it is not known.</param>
/// <param name="Source">The folder that it was copied from.</param>
/// <param name="SourceUid">There.</param>
/// <param name="Reason">As text for a person.</param>
public sealed record LeftMessage(FolderPath Folder, TargetUid Uid, FolderPath Source, Uid SourceUid, string Reason);
