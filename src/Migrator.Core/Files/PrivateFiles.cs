namespace Migrator.Core.Files;

/// <summary>Creates files and directories for the current user alone, whatever the umask, and from the first moment: what was open for a
/// moment may have been opened. All that holds mail, names of mailboxes or state is created here.</summary>
/// <remarks>On Unix files have the mode 0600 and directories 0700. On Windows they have an access control list of their own that names the
/// current user and takes nothing over from the directory above.</remarks>
/// <exception cref="IOException">It cannot be created.</exception>
/// <exception cref="UnauthorizedAccessException">There is no right to create it.</exception>
public static class PrivateFiles
{
    internal const UnixFileMode OfFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    internal const UnixFileMode OfDirectory = OfFile | UnixFileMode.UserExecute;

    /// <summary>Creates a file that is not there yet.</summary>
    public static FileStream Create(
        string path,
        FileAccess access = FileAccess.Write,
        FileShare share = FileShare.None,
        int bufferSize = 4096,
        FileOptions options = FileOptions.None
    ) => Open(path, FileMode.CreateNew, access, share, bufferSize, options);

    /// <summary>Opens a file, or creates it. One that is there keeps its content and its rights.</summary>
    public static FileStream OpenOrCreate(string path, FileAccess access, FileShare share, int bufferSize = 4096)
    {
        // Opening a pipe waits for its other end.
        if (RegularFile.KindOfTarget(path) is var kind and not (EntryKind.Missing or EntryKind.Regular))
            throw new IOException($"{path}: {RegularFile.Words(kind)}");
        return Open(path, FileMode.OpenOrCreate, access, share, bufferSize, FileOptions.None);
    }

    /// <summary>A file for the moment: it is gone when it is closed, and with the process, however that ends.</summary>
    /// <param name="directory">Created if missing; null for that of temporary files.</param>
    public static FileStream CreateTemporary(
        string? directory = null,
        FileShare share = FileShare.None,
        FileOptions options = FileOptions.None
    )
    {
        if (directory is not null)
            CreateDirectory(directory);
        var path = Path.Combine(directory ?? Path.GetTempPath(), $"migrator-{Guid.NewGuid():n}");
        var file = Create(path, FileAccess.ReadWrite, share, 128 * 1024, options | FileOptions.DeleteOnClose);
        // Unix deletes on close only where the process comes to it; an open file lives without a name.
        if (!OperatingSystem.IsWindows())
            File.Delete(path);
        return file;
    }

    /// <summary>Writes a file that is not there yet.</summary>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        using var file = Create(path);
        file.Write(content);
    }

    /// <summary>Makes sure that a database file is there and private, before a library opens it: SQLite would create it with the rights of
    /// the umask, and gives the files beside it the rights of the database.</summary>
    public static void Reserve(string path)
    {
        CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        switch (RegularFile.KindOfTarget(path))
        {
            case EntryKind.Missing when RegularFile.Kind(path) == EntryKind.Missing:
                try
                {
                    Create(path, share: FileShare.ReadWrite).Dispose();
                }
                catch (IOException) when (File.Exists(path))
                {
                    // Another process was faster.
                }
                break;
            case EntryKind.Missing or EntryKind.Regular:
                // Not opened: to close it would take the locks away that SQLite has on it in this process.
                PrivateRights.Tighten(path, EntryKind.Regular);
                break;
            case var kind:
                throw new IOException($"{path}: {RegularFile.Words(kind)}");
        }
    }

    /// <summary>Creates a directory, with those above it that are missing. One that is there keeps its rights.</summary>
    public static void CreateDirectory(string path)
    {
        path = Path.GetFullPath(path);
        if (Directory.Exists(path))
            return;
        // One by one: .NET gives the rights asked for to the last one only, and those above would be open to everybody.
        if (Path.GetDirectoryName(path) is { } parent)
            CreateDirectory(parent);
        if (OperatingSystem.IsWindows())
        {
            WindowsRights.CreateDirectory(path);
            return;
        }
        Directory.CreateDirectory(path, OfDirectory);
        // A umask may also have taken rights from this user.
        if (File.GetUnixFileMode(path) is var mode && (mode & OfDirectory) != OfDirectory)
            File.SetUnixFileMode(path, mode | OfDirectory);
    }

    private static FileStream Open(string path, FileMode mode, FileAccess access, FileShare share, int bufferSize, FileOptions options) =>
        OperatingSystem.IsWindows()
            ? WindowsRights.Open(path, mode, access, share, bufferSize, options)
            : new FileStream(
                path,
                new FileStreamOptions
                {
                    Mode = mode,
                    Access = access,
                    Share = share,
                    BufferSize = bufferSize,
                    Options = options,
                    UnixCreateMode = OfFile,
                }
            );
}
