namespace Migrator.Service.Jobs;

/// <summary>Tells when something happens in directories, as far as the system tells: network shares often do not.</summary>
internal sealed class FileWatch(Action changed) : IDisposable
{
    private readonly Dictionary<string, FileSystemWatcher> _watchers = new(StringComparer.Ordinal);

    /// <summary>Watches these and no others.</summary>
    /// <returns>Why some cannot be watched; null where all are.</returns>
    public string? Watch(IReadOnlyCollection<string> directories)
    {
        foreach (var directory in _watchers.Keys.Except(directories).ToList())
            if (_watchers.Remove(directory, out var watcher))
                watcher.Dispose();
        string? failure = null;
        foreach (var directory in directories.Where(directory => !_watchers.ContainsKey(directory)))
            failure = Add(directory) ?? failure;
        return failure;
    }

    public void Dispose()
    {
        foreach (var watcher in _watchers.Values)
            watcher.Dispose();
        _watchers.Clear();
    }

    private string? Add(string directory)
    {
        FileSystemWatcher? watcher = null;
        try
        {
            watcher = new FileSystemWatcher(directory)
            {
                NotifyFilter = NotifyFilters.FileName | NotifyFilters.DirectoryName | NotifyFilters.LastWrite | NotifyFilters.Size,
            };
            watcher.Changed += (_, _) => changed();
            watcher.Created += (_, _) => changed();
            watcher.Deleted += (_, _) => changed();
            watcher.Renamed += (_, _) => changed();
            // Events were lost.
            watcher.Error += (_, _) => changed();
            watcher.EnableRaisingEvents = true;
            _watchers.Add(directory, watcher);
            return null;
        }
        // ArgumentException: it is not there.
        catch (Exception exception)
            when (exception is IOException or UnauthorizedAccessException or ArgumentException or PlatformNotSupportedException)
        {
            watcher?.Dispose();
            return $"{directory}: {exception.Message}";
        }
    }
}
