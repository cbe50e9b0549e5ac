namespace Migrator.Core.Files;

/// <summary>Takes the rights of other users away from what is there already: files of an earlier version, of another umask, or
/// copied.</summary>
public static class PrivateRights
{
    private const UnixFileMode Others =
        UnixFileMode.GroupRead
        | UnixFileMode.GroupWrite
        | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead
        | UnixFileMode.OtherWrite
        | UnixFileMode.OtherExecute;

    /// <summary>Tightens what this program has created in a directory. Links are not followed, and what another user owns is left
    /// alone.</summary>
    /// <param name="directory">May be missing.</param>
    /// <param name="isOurs">Whether an entry of the directory, by its name, is of this program.</param>
    /// <param name="withDirectory">The directory too, unless it holds anything else: then it is more than this program's.</param>
    /// <returns>How many files and directories were open to others.</returns>
    public static int Tighten(string directory, Func<string, bool> isOurs, bool withDirectory)
    {
        if (RegularFile.KindOfTarget(directory) != EntryKind.Directory)
            return 0;
        var names = Entries(directory).Select(path => Path.GetFileName(path)).ToList();
        var tightened = withDirectory && names.All(isOurs) && Tighten(directory, EntryKind.Directory) ? 1 : 0;
        return tightened + names.Where(isOurs).Sum(name => TightenTree(Path.Combine(directory, name)));
    }

    /// <summary>In a directory that is private nothing can be reached: it is not searched, however much it holds.</summary>
    private static int TightenTree(string path)
    {
        var kind = RegularFile.Kind(path);
        if (kind is not (EntryKind.Regular or EntryKind.Directory) || !Tighten(path, kind))
            return 0;
        return kind == EntryKind.Regular ? 1 : 1 + Entries(path).Sum(TightenTree);
    }

    private static string[] Entries(string directory)
    {
        try
        {
            return Directory.GetFileSystemEntries(directory);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It has gone, or is another user's. The code that uses it says so.
            return [];
        }
    }

    /// <returns>False where it was private, or is not ours to change.</returns>
    internal static bool Tighten(string path, EntryKind kind)
    {
        try
        {
            if (OperatingSystem.IsWindows())
                return WindowsRights.Tighten(path, kind);
            var mode = File.GetUnixFileMode(path);
            var allowed = kind == EntryKind.Directory ? PrivateFiles.OfDirectory : PrivateFiles.OfFile;
            // A directory with the sticky bit is one that users share.
            if ((mode & Others) == 0 || (kind == EntryKind.Directory && mode.HasFlag(UnixFileMode.StickyBit)))
                return false;
            File.SetUnixFileMode(path, mode & allowed);
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
