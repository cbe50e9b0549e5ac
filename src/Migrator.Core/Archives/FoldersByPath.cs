using Migrator.Core.Mail;

namespace Migrator.Core.Archives;

/// <summary>The folders of a snapshot, to be found by their path: to search the list for each of ten thousand folders takes longer than all
/// else that is done with an empty one.</summary>
internal sealed class FoldersByPath
{
    private readonly Dictionary<FolderPath, SnapshotFolder> _folders = [];

    /// <param name="folders">Of several with the same path, the first is found.</param>
    public FoldersByPath(IEnumerable<SnapshotFolder> folders)
    {
        foreach (var folder in folders)
            _folders.TryAdd(folder.Path, folder);
    }

    public SnapshotFolder? Find(FolderPath path) => _folders.GetValueOrDefault(path);
}
