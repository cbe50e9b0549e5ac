using Microsoft.Win32.SafeHandles;

namespace Migrator.Core.Files;

/// <summary>Opens regular files for reading, and nothing else. A pipe would never end, a device may do something when it is opened, and a
/// link in somebody's mail would make any file of this machine into mail.</summary>
/// <remarks>.NET waits for pipes, so on Unix the file is opened by the system's own call, without waiting. What was opened is examined once
/// more: between the first look and opening, somebody else may have put something else there.</remarks>
public static class RegularFile
{
    /// <summary>Without following a link.</summary>
    public static EntryKind Kind(string path)
    {
        if (OperatingSystem.IsLinux())
            return SystemFiles.Kind(path, follow: false);
        var info = new FileInfo(path);
        if (info.LinkTarget is not null || (info.Exists && info.Attributes.HasFlag(FileAttributes.ReparsePoint)))
            return EntryKind.Link;
        return KindOfTarget(path);
    }

    /// <summary>What a path leads to, links followed.</summary>
    public static EntryKind KindOfTarget(string path)
    {
        if (OperatingSystem.IsLinux())
            return SystemFiles.Kind(path, follow: true);
        if (Directory.Exists(path))
            return EntryKind.Directory;
        var info = new FileInfo(path);
        return !info.Exists ? EntryKind.Missing
            : info.Attributes.HasFlag(FileAttributes.Device) ? EntryKind.Special
            : EntryKind.Regular;
    }

    /// <summary>Opens a file that was found in a directory. No link is followed.</summary>
    /// <param name="path">Without a link in it, as <see cref="Canonical"/> makes the root.</param>
    /// <exception cref="IOException">It is not there, is not a regular file, or is not where it was said to be.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static SafeFileHandle Open(string path)
    {
        if (Kind(path) == EntryKind.Link)
            throw new IOException(Words(EntryKind.Link));
        var handle = Open(path, follow: false);
        if (!OperatingSystem.IsLinux() || SystemFiles.PathOf(handle) is not { } opened || opened == path)
            return handle;
        handle.Dispose();
        throw new IOException("it was moved or replaced while it was read, or a directory on the way to it is a link");
    }

    /// <summary>Opens a file that somebody named. Links are followed: they are that person's choice, and containers mount secrets as
    /// links.</summary>
    /// <exception cref="IOException">It is not there, or is not a regular file.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static SafeFileHandle OpenNamed(string path) => Open(path, follow: true);

    /// <summary>Opens a file that was found in a directory. Links are followed as long as they stay below the directory.</summary>
    /// <exception cref="IOException">It is not there, is not a regular file, or lies elsewhere.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static SafeFileHandle OpenBelow(string root, string path)
    {
        var handle = OpenNamed(path);
        var opened =
            (OperatingSystem.IsLinux() ? SystemFiles.PathOf(handle) : null)
            ?? Path.GetFullPath(File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path);
        if (opened.StartsWith(Path.TrimEndingDirectorySeparator(Canonical(root)) + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            return handle;
        handle.Dispose();
        throw new IOException($"it is a symbolic link that leads out of the directory {root}, to {opened}; put the file itself there");
    }

    /// <summary>The directory that somebody named, with the links on the way to it followed: those are their own choice.</summary>
    public static string Canonical(string directory)
    {
        if (!OperatingSystem.IsLinux() || KindOfTarget(directory) != EntryKind.Directory)
            return Path.GetFullPath(directory);
        using var handle = SystemFiles.Open(directory, follow: true);
        return handle.IsInvalid ? Path.GetFullPath(directory) : SystemFiles.PathOf(handle) ?? Path.GetFullPath(directory);
    }

    private static SafeFileHandle Open(string path, bool follow)
    {
        // Not opened to find out: a device may do something then.
        if (KindOfTarget(path) is var kind and not (EntryKind.Regular or EntryKind.Missing))
            throw new IOException(Words(kind));
        if (OperatingSystem.IsWindows())
            return File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var handle = SystemFiles.Open(path, follow);
        try
        {
            if (handle.IsInvalid)
                throw SystemFiles.Failure(path);
            return IsRegular(handle) ? handle : throw new IOException(Words(EntryKind.Special));
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    private static bool IsRegular(SafeFileHandle handle)
    {
        if (OperatingSystem.IsLinux())
            return SystemFiles.Kind(handle) == EntryKind.Regular;
        try
        {
            return RandomAccess.GetLength(handle) >= 0;
        }
        // A pipe.
        catch (NotSupportedException)
        {
            return false;
        }
    }

    /// <summary>Why such a thing is not read, without a full stop.</summary>
    public static string Words(EntryKind kind) =>
        kind switch
        {
            EntryKind.Link => "it is a symbolic link, and links are not followed",
            EntryKind.Directory => "it is a directory, not a file",
            _ => "it is a pipe, a socket or a device, not a regular file",
        };
}
