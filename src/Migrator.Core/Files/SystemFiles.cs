using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Migrator.Core.Files;

/// <summary>Calls of Unix that .NET does not offer: opening without waiting, and what kind of thing lies somewhere.</summary>
internal static class SystemFiles
{
    private const int CurrentDirectory = -100,
        NoFollow = 0x100,
        EmptyPath = 0x1000,
        TypeOnly = 0x1,
        ModeOffset = 28;
    private const int NotPermitted = 1,
        NoEntry = 2,
        AccessDenied = 13,
        NotADirectory = 20,
        LinuxTooManyLinks = 40,
        MacTooManyLinks = 62;

    /// <summary>Opens for reading; neither waits for a process that writes to a pipe nor takes a lock that is in the way of a process that
    /// writes to a file.</summary>
    /// <returns>Invalid where it cannot be opened.</returns>
    public static SafeFileHandle Open(string path, bool follow) =>
        new(OpenDescriptor(path, Flags | (follow ? 0 : NoFollowWhenOpening)), ownsHandle: true);

    /// <summary>Why the last opening failed.</summary>
    public static Exception Failure(string path)
    {
        var error = Marshal.GetLastPInvokeError();
        var words = Marshal.GetPInvokeErrorMessage(error);
        return error switch
        {
            NoEntry => new FileNotFoundException("file not found", path),
            NotADirectory => new DirectoryNotFoundException(words),
            AccessDenied or NotPermitted => new UnauthorizedAccessException(words),
            LinuxTooManyLinks or MacTooManyLinks => new IOException(
                "it is a symbolic link that leads to itself, or became one while it was read"
            ),
            _ => new IOException(words, error),
        };
    }

    /// <summary>On Linux only.</summary>
    public static EntryKind Kind(string path, bool follow) => Stat(CurrentDirectory, path, follow ? 0 : NoFollow);

    /// <inheritdoc cref="Kind(string, bool)"/>
    public static EntryKind Kind(SafeFileHandle handle) => Stat((int)handle.DangerousGetHandle(), "", EmptyPath);

    /// <returns>Null where there is no /proc.</returns>
    public static string? PathOf(SafeFileHandle handle) => new FileInfo($"/proc/self/fd/{handle.DangerousGetHandle()}").LinkTarget;

    // Without waiting, and closed in processes that are started.
    private static int Flags => OperatingSystem.IsMacOS() ? 0x4 | 0x1000000 : 0x800 | 0x80000;

    private static int NoFollowWhenOpening =>
        OperatingSystem.IsMacOS() ? 0x100
        : RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm or Architecture.Ppc64le ? 0x8000
        : 0x20000;

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

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    private static extern int OpenDescriptor([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", EntryPoint = "statx", SetLastError = true)]
    private static extern int StatExtended(
        int directory,
        [MarshalAs(UnmanagedType.LPUTF8Str)] string path,
        int flags,
        uint mask,
        [In, Out] byte[] status
    );
}
