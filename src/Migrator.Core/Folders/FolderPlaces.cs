using Migrator.Core.Mail;

namespace Migrator.Core.Folders;

/// <summary>Where the rules place each folder, before the names and uses of the target are considered.</summary>
internal sealed class FolderPlaces(FolderRules rules)
{
    private readonly List<(FolderPath From, FolderPath To)> _renames =
    [
        .. rules
            .Rename.Select(rename => (FolderPath.Parse(rename.Key), FolderPath.Parse(rename.Value)))
            .OrderByDescending(rename => rename.Item1.Names.Count),
    ];

    /// <returns>Also whether a rule names it, or a folder above it.</returns>
    public (FolderPath Path, bool Renamed) Of(FolderPath folder)
    {
        var named = Renamed(folder);
        return (rules.Into?.Concat((named ?? folder).Names) ?? named ?? folder, named is not null);
    }

    /// <summary>What a person should know of the rules: those that apply to none of these folders, and those that leave one without a
    /// name.</summary>
    public IEnumerable<string> Notices(IReadOnlyCollection<FolderPath> folders) =>
        [
            .. _renames
                .Where(rename => !folders.Any(folder => Holds(rename.From, folder)))
                .Select(rename => $"folders.rename \"{rename.From}\" matches no folder of the source that contains messages."),
            .. rules
                .RenamePatterns.Where(pattern => !folders.Any(folder => pattern.Match(folder) is not null))
                .Select(pattern => $"folders.renamePatterns \"{pattern.From}\" matches no folder of the source that contains messages."),
            .. folders
                .Where(folder => Pattern(folder) is { } found && found.Pattern.Rename(found.Matched) is null)
                .Select(folder => $"{folder} keeps its name: folders.renamePatterns leaves none of it."),
        ];

    private FolderPath? Renamed(FolderPath folder)
    {
        if (Exact(folder) is { } rename)
            return rename.To.Concat(folder.Names.Skip(rename.From.Names.Count));
        return Pattern(folder) is { } found
            ? found.Pattern.Rename(found.Matched)?.Concat(folder.Names.Skip(found.Matched.Names.Count))
            : null;
    }

    private (FolderPath From, FolderPath To)? Exact(FolderPath folder)
    {
        var index = _renames.FindIndex(rename => Holds(rename.From, folder));
        return index < 0 ? null : _renames[index];
    }

    private (FolderPattern Pattern, FolderPath Matched)? Pattern(FolderPath folder)
    {
        if (rules.RenamePatterns.Count == 0 || Exact(folder) is not null)
            return null;
        foreach (var pattern in rules.RenamePatterns)
        {
            if (pattern.Match(folder) is { } matched)
                return (pattern, matched);
        }
        return null;
    }

    private static bool Holds(FolderPath parent, FolderPath path) =>
        path.Names.Count >= parent.Names.Count && parent.Names.SequenceEqual(path.Names.Take(parent.Names.Count));
}
