using Microsoft.Win32.SafeHandles;
using Migrator.Core.Failures;
using Migrator.Core.Files;

namespace Migrator.Files.Disk;

/// <summary>Reads files and says in our words what went wrong. Only reading is in here: what a receiver throws is its own and
/// passes.</summary>
internal static class FileErrors
{
    public static SafeFileHandle Open(string path, Reason? reason = null) => Guarded(path, reason, () => RegularFile.Open(path));

    /// <returns>Fewer than asked for only at the end.</returns>
    public static int Read(string path, SafeFileHandle file, Span<byte> bytes, long offset, Reason? reason = null)
    {
        try
        {
            var filled = 0;
            while (filled < bytes.Length && RandomAccess.Read(file, bytes[filled..], offset + filled) is > 0 and var count)
                filled += count;
            return filled;
        }
        catch (Exception exception) when (IsFile(exception))
        {
            return Guarded<int>(path, reason, () => throw exception);
        }
    }

    /// <param name="reason"><see cref="Reason.FilesUnreadable"/> where none is given.</param>
    public static T Guarded<T>(string path, Reason? reason, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception exception) when (IsFile(exception))
        {
            throw new MailException(reason ?? Reason.FilesUnreadable, $"{path}: {exception.Message.TrimEnd('.')}.", exception);
        }
    }

    // NotSupported: a pipe or a device lies where a file should.
    private static bool IsFile(Exception exception) => exception is IOException or UnauthorizedAccessException or NotSupportedException;
}
