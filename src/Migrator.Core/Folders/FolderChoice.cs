using Migrator.Core.Jobs;
using Migrator.Core.Mail;

namespace Migrator.Core.Folders;

/// <summary>Which folders the rules <c>include</c> and <c>exclude</c> let through.</summary>
public sealed class FolderChoice(FolderRules rules)
{
    public IReadOnlyList<FolderGlob> Include { get; } = [.. rules.Include.Select(pattern => new FolderGlob(pattern))];

    public IReadOnlyList<FolderGlob> Exclude { get; } = [.. rules.Exclude.Select(pattern => new FolderGlob(pattern))];

    public bool Includes(FolderPath folder) => (Include.Count == 0 || Include.Any(glob => glob.Matches(folder))) && !Excludes(folder);

    /// <summary>Left out by a rule of its own, not for want of one that includes it.</summary>
    public bool Excludes(FolderPath folder) => Exclude.Any(glob => glob.Matches(folder));
}
