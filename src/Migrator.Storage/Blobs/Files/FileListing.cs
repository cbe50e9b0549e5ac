using Migrator.Core.Blobs;

namespace Migrator.Storage.Blobs.Files;

/// <summary>Reads one folder of a store, in the order of the names of blobs.</summary>
internal static class FileListing
{
    // The default leaves out what may not be read: a store that may not be read would look empty.
    private static readonly EnumerationOptions s_everything = new() { IgnoreInaccessible = false, AttributesToSkip = 0 };

    /// <param name="name">The folder's name as part of a blob's, with a slash at the end; empty for the root.</param>
    /// <returns>Blobs with their file, and folders, whose names end with a slash, without. Empty where the folder is missing.</returns>
    public static IReadOnlyList<(string Name, FileInfo? File)> Read(string directory, string name, string prefix)
    {
        var entries = new List<(string Name, FileInfo? File)>();
        try
        {
            foreach (var entry in new DirectoryInfo(directory).EnumerateFileSystemInfos("*", s_everything))
                Add(entries, entry, name, prefix);
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
        // With the slash, folders come where their blobs belong: "a-b" before "a/b" before "a0".
        entries.Sort((left, right) => string.CompareOrdinal(left.Name, right.Name));
        return entries;
    }

    private static void Add(List<(string Name, FileInfo? File)> entries, FileSystemInfo entry, string parent, string prefix)
    {
        var name = parent + entry.Name;
        // What else lies there (drafts, a desktop's own files) is not a blob.
        if (!BlobName.IsValid(name))
            return;
        if (entry is FileInfo file)
        {
            // Length and date are asked for here: later, the file may be gone.
            if (name.StartsWith(prefix, StringComparison.Ordinal) && file.Exists)
                entries.Add((name, file));
        }
        else if ((name + "/").StartsWith(prefix, StringComparison.Ordinal) || prefix.StartsWith(name + "/", StringComparison.Ordinal))
            entries.Add((name + "/", null));
    }
}
