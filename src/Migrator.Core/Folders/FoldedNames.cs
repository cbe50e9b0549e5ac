using Migrator.Core.Mail;

namespace Migrator.Core.Folders;

/// <summary>Names at a target that takes upper and lower case for the same. Of folders that differ in nothing else, each gets a name of
/// its own, level by level: the first keeps its name, the next ones get a <c>_</c>. In one folder their mail would be mixed, and nobody
/// could tell it apart again.</summary>
internal sealed class FoldedNames
{
    private const char Suffix = '_';

    private readonly Dictionary<FolderPath, FolderPath> _given = [];
    private readonly HashSet<string> _taken = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, FolderPath> _there = new(StringComparer.OrdinalIgnoreCase);

    /// <param name="there">Folders of the target, whose letters a folder of the same name gets.</param>
    public FoldedNames(IEnumerable<FolderPath> there)
    {
        foreach (var path in there)
            _there.TryAdd(path.ToString(), path);
    }

    public static IEqualityComparer<FolderPath> Comparer { get; } =
        EqualityComparer<FolderPath>.Create(
            (a, b) => string.Equals(a?.ToString(), b?.ToString(), StringComparison.OrdinalIgnoreCase),
            path => StringComparer.OrdinalIgnoreCase.GetHashCode(path.ToString())
        );

    /// <summary>Whether the first is a name that the second can have got.</summary>
    public static bool IsMadeOf(FolderPath path, FolderPath wanted) =>
        path.Names.Count == wanted.Names.Count
        && path.Names.Zip(wanted.Names)
            .All(names =>
                names.First.StartsWith(names.Second, StringComparison.OrdinalIgnoreCase)
                && names.First.AsSpan(names.Second.Length).TrimEnd(Suffix).IsEmpty
            );

    /// <summary>The folder stays where it was delivered before, whatever came beside it since.</summary>
    public void Keep(FolderPath wanted, FolderPath earlier)
    {
        for (
            var (own, its) = ((FolderPath?)wanted, (FolderPath?)earlier);
            own is not null && its is not null && !_given.ContainsKey(own) && !_taken.Contains(its.ToString());
            (own, its) = (own.Parent, its.Parent)
        )
            Record(own, its);
    }

    public FolderPath Give(FolderPath wanted)
    {
        if (_given.TryGetValue(wanted, out var given))
            return given;
        var above = wanted.Parent is { } parent ? Give(parent) : null;
        var name = wanted.Name;
        while (_taken.Contains(Below(above, name).ToString()))
            name += Suffix;
        var free = Below(above, name);
        Record(wanted, free = _there.GetValueOrDefault(free.ToString(), free));
        return free;
    }

    private void Record(FolderPath wanted, FolderPath path)
    {
        _given[wanted] = path;
        _taken.Add(path.ToString());
    }

    private static FolderPath Below(FolderPath? above, string name) => above?.Child(name) ?? new FolderPath([name]);
}
