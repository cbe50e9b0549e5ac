using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Migrator.Files.Manifest;

/// <summary>Makes a whole tree of new files durable at once.</summary>
internal static class Durability
{
    /// <param name="any">A file in it.</param>
    /// <remarks>A flush per message is what makes writing a Maildir slow: minutes for what one call does in a second. Linux has
    /// that call; elsewhere each file is opened again and flushed.</remarks>
    public static void Flush(string root, SafeFileHandle any)
    {
        if (OperatingSystem.IsLinux() && SyncFileSystem(any) == 0)
            return;
        foreach (
            var path in Directory.EnumerateFiles(root, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 })
        )
        {
            if (Path.GetFileName(path) == ExportManifest.Unfinished)
                continue;
            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
            RandomAccess.FlushToDisk(file);
        }
        RandomAccess.FlushToDisk(any);
    }

    [DllImport("libc", EntryPoint = "syncfs")]
    private static extern int SyncFileSystem(SafeFileHandle file);
}
