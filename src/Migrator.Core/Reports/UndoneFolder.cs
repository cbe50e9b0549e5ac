using Migrator.Core.Mail;

namespace Migrator.Core.Reports;

/// <summary>What was taken back in one folder of the target, or would be.</summary>
/// <param name="Place">Where its messages were moved; null where they were removed, or none was moved.</param>
/// <param name="Taken">Messages that were moved or removed.</param>
/// <param name="Left">Messages that were delivered and stay.</param>
/// <param name="IsDeleted">The folder itself was deleted: Migrator had created it, and it was empty.</param>
/// <param name="Stays">Why a folder that Migrator created stays; null where it does not, or was there before.</param>
public sealed record UndoneFolder(FolderPath Folder, FolderPath? Place, long Taken, long Left, bool IsDeleted, string? Stays);
