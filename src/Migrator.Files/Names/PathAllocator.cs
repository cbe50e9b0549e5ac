using Migrator.Core.Mail;

namespace Migrator.Files.Names;

/// <summary>Gives each folder of an export a place of its own, also on a file system that merges <c>Work</c> and
/// <c>work</c>.</summary>
internal sealed class PathAllocator
{
    private readonly Dictionary<FolderPath, string> _places = [];
    private readonly HashSet<string> _taken = new(StringComparer.OrdinalIgnoreCase);

    /// <param name="suffix">Of the directory that holds a folder's subfolders.</param>
    public string Below(FolderPath path, string suffix)
    {
        if (_places.TryGetValue(path, out var place))
            return place;
        var parent = path.Parent is { } above ? Below(above, suffix) + suffix + "/" : "";
        return Take(path, parent, FileNames.Escape(path.Name));
    }

    /// <summary>All folders side by side.</summary>
    public string Flat(FolderPath path) =>
        path.IsInbox ? ""
        : _places.TryGetValue(path, out var place) ? place
        : Take(path, ".", MaildirNames.Directory(path)[1..]);

    private string Take(FolderPath path, string before, string name)
    {
        while (!_taken.Add(before + name))
            name = FileNames.EscapeMore(name);
        return _places[path] = before + name;
    }
}
