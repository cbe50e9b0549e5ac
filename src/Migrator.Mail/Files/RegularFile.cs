using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Migrator.Mail.Files;

/// <summary>What lies at a path, without following a link.</summary>
internal enum EntryKind
{
    Missing,
    Regular,
    Directory,
    Link,

    /// <summary>A pipe, a socket or a device: opening one may wait for good, or do something.</summary>
    Special,
}

/// <summary>Opens regular files, and nothing else. A link in somebody's mail would make any file of this machine into mail, and a pipe
/// would never end.</summary>
/// <remarks>.NET follows links and waits for pipes, so on Linux the file is opened and looked at by the system's own calls. What was opened is
/// compared with what was asked for, since a directory on the way may have become a link since it was listed.</remarks>
internal static class RegularFile
{
    private const int CurrentDirectory = -100;
    private const int NoFollow = 0x100;
    private const int EmptyPath = 0x1000;
    private const int TypeOnly = 0x1;
    private const int ModeOffset = 28;
    private const int NonBlockAndCloseOnExec = 0x800 | 0x80000;
    private const int TooManyLinks = 40;
    private const int NoEntry = 2;

    public static EntryKind Kind(string path)
    {
        if (OperatingSystem.IsLinux())
            return Stat(CurrentDirectory, path, NoFollow);
        var info = new FileInfo(path);
        if (info.LinkTarget is not null || info.Attributes.HasFlag(FileAttributes.ReparsePoint))
            return EntryKind.Link;
        if (Directory.Exists(path))
            return EntryKind.Directory;
        return !info.Exists ? EntryKind.Missing : info.Attributes.HasFlag(FileAttributes.Device) ? EntryKind.Special : EntryKind.Regular;
    }

    /// <param name="path">Without a link in it, as <see cref="Canonical"/> makes the root.</param>
    /// <exception cref="IOException">It is not there, is no regular file, or is not where it was said to be.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static SafeFileHandle Open(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            var kind = Kind(path);
            return kind is EntryKind.Regular or EntryKind.Missing
                ? File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete) : throw new IOException(Words(kind));
        }
        var handle = new SafeFileHandle(OpenDescriptor(path, NonBlockAndCloseOnExec | NoFollowWhenOpening), ownsHandle: true);
        try
        {
            if (handle.IsInvalid)
                throw Failure(Marshal.GetLastPInvokeError());
            var kind = Stat((int)handle.DangerousGetHandle(), "", EmptyPath);
            if (kind != EntryKind.Regular)
                throw new IOException(Words(kind));
            if (Opened(handle) is { } opened && opened != path)
                throw new IOException("it was moved or replaced while it was read, or a directory on the way to it is a link");
            return handle;
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>The directory that somebody named, with the links on the way to it followed: those are their own choice.</summary>
    public static string Canonical(string directory)
    {
        if (!OperatingSystem.IsLinux())
            return Path.GetFullPath(directory);
        using var handle = new SafeFileHandle(OpenDescriptor(directory, NonBlockAndCloseOnExec), ownsHandle: true);
        return handle.IsInvalid ? Path.GetFullPath(directory) : Opened(handle) ?? Path.GetFullPath(directory);
    }

    private static int NoFollowWhenOpening => RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm or Architecture.Ppc64le ? 0x8000 : 0x20000;

    // Null where there is no /proc.
    private static string? Opened(SafeFileHandle handle) => new FileInfo($"/proc/self/fd/{handle.DangerousGetHandle()}").LinkTarget;

    private static EntryKind Stat(int directory, string path, int flags)
    {
        var status = new byte[256];
        if (StatExtended(directory, path, flags, TypeOnly, status) != 0)
            return EntryKind.Missing;
        return (BitConverter.ToUInt16(status, ModeOffset) & 0xF000) switch
        {
            0x8000 => EntryKind.Regular,
            0x4000 => EntryKind.Directory,
            0xA000 => EntryKind.Link,
            _ => EntryKind.Special,
        };
    }

    private static Exception Failure(int error) => error switch
    {
        TooManyLinks => new IOException(Words(EntryKind.Link)),
        NoEntry => new FileNotFoundException("the file is not there"),
        _ => new IOException(Marshal.GetPInvokeErrorMessage(error)),
    };

    private static string Words(EntryKind kind) => kind switch
    {
        EntryKind.Link => "it is a symbolic link, and links are not followed",
        EntryKind.Directory => "it is a directory",
        _ => "it is a pipe, a socket or a device, not a regular file",
    };

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    private static extern int OpenDescriptor([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", EntryPoint = "statx", SetLastError = true)]
    private static extern int StatExtended(int directory, [MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags, uint mask, [In, Out] byte[] status);
}
