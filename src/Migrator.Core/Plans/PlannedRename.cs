using Migrator.Core.Mail;

namespace Migrator.Core.Plans;

/// <summary>A folder of the target that takes another name, with all that is below it.</summary>
public sealed record PlannedRename(FolderPath From, FolderPath To)
{
    /// <returns>What a path is called before the renaming; null where it is not affected.</returns>
    public FolderPath? Before(FolderPath path) => path.IsAtOrBelow(To) ? From.Concat(path.Names.Skip(To.Names.Count)) : null;
}
