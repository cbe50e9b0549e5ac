using System.Runtime.InteropServices;

namespace Migrator.Storage.Blobs.Files;

/// <summary>What an archive needs of a file system and .NET does not offer: a move that never overwrites, and folders that survive
/// the power going.</summary>
internal static class DurableFiles
{
    private const int Exists = 17,
        NotPermitted = 1,
        AccessDenied = 13,
        Invalid = 22,
        ReadOnlyDisk = 30;

    // O_RDONLY | O_CLOEXEC.
    private static readonly int s_open = OperatingSystem.IsMacOS() ? 0x1000000 : 0x80000;

    /// <summary>Gives the file its name unless there is something of that name.</summary>
    /// <returns>Whether it did.</returns>
    /// <remarks>File.Move without overwriting looks first and renames then on Unix: of two at the same time, the second would
    /// replace the first. A link is made or refused by the file system in one step.</remarks>
    public static bool TryMove(string from, string to)
    {
        if (OperatingSystem.IsWindows())
            return TryMoveOnWindows(from, to);
        if (Link(from, to) == 0)
        {
            // A failure would say that nothing was committed. What stays behind is a second name, and goes as a stale draft.
            _ = Unlink(from);
            return true;
        }
        var error = Marshal.GetLastPInvokeError();
        if (error == Exists)
            return false;
        // Disks without hard links (exFAT, some shares) refuse the link with an error of their own each; most have this.
        if (TryRename(from, to) is { } renamed)
            return renamed;
        throw Failure(error, to);
    }

    /// <summary>Makes durable what is in a folder. On Windows this goes with the files.</summary>
    public static void SyncDirectory(string directory)
    {
        if (OperatingSystem.IsWindows())
            return;
        var handle = Open(directory, s_open);
        if (handle < 0)
        {
            // A folder that may be passed but not read, above the store: nothing to be done about it, and it was there before.
            var error = Marshal.GetLastPInvokeError();
            if (error is AccessDenied or NotPermitted)
                return;
            throw Failure(error, directory);
        }
        try
        {
            // Invalid: a file system that does not know folders to be synced, such as some shares.
            if (Sync(handle) != 0 && Marshal.GetLastPInvokeError() is var error && error != Invalid)
                throw Failure(error, directory);
        }
        finally
        {
            _ = Close(handle);
        }
    }

    private static bool TryMoveOnWindows(string from, string to)
    {
        try
        {
            File.Move(from, to, overwrite: false);
            return true;
        }
        catch (IOException) when (File.Exists(to))
        {
            return false;
        }
    }

    /// <returns>Null where the file system or the C library does not have it.</returns>
    private static bool? TryRename(string from, string to)
    {
        const int currentDirectory = -100,
            noReplace = 1,
            exclusive = 4;
        try
        {
            var result = OperatingSystem.IsMacOS()
                ? RenameExclusive(from, to, exclusive)
                : RenameAt(currentDirectory, from, currentDirectory, to, noReplace);
            return result == 0 ? true
                : Marshal.GetLastPInvokeError() == Exists ? false
                : null;
        }
        catch (EntryPointNotFoundException)
        {
            return null;
        }
    }

    private static Exception Failure(int error, string path)
    {
        var words = $"{Marshal.GetPInvokeErrorMessage(error)}: {path}";
        return error is AccessDenied or NotPermitted or ReadOnlyDisk
            ? new UnauthorizedAccessException(words)
            : new IOException(words, error);
    }

    [DllImport("libc", EntryPoint = "link", SetLastError = true)]
    private static extern int Link([MarshalAs(UnmanagedType.LPUTF8Str)] string from, [MarshalAs(UnmanagedType.LPUTF8Str)] string to);

    [DllImport("libc", EntryPoint = "unlink")]
    private static extern int Unlink([MarshalAs(UnmanagedType.LPUTF8Str)] string path);

    [DllImport("libc", EntryPoint = "renameat2", SetLastError = true)]
    private static extern int RenameAt(
        int fromDirectory,
        [MarshalAs(UnmanagedType.LPUTF8Str)] string from,
        int toDirectory,
        [MarshalAs(UnmanagedType.LPUTF8Str)] string to,
        uint flags
    );

    [DllImport("libc", EntryPoint = "renamex_np", SetLastError = true)]
    private static extern int RenameExclusive(
        [MarshalAs(UnmanagedType.LPUTF8Str)] string from,
        [MarshalAs(UnmanagedType.LPUTF8Str)] string to,
        uint flags
    );

    // The third argument, a mode, is read only where a file is made.
    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    private static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static extern int Sync(int handle);

    [DllImport("libc", EntryPoint = "close")]
    private static extern int Close(int handle);
}
