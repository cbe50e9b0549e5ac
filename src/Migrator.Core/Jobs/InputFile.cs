using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Migrator.Core.Jobs;

/// <summary>Reads whole files that people put into a directory. Whatever else may lie there under the same name must not hold the reader up: a pipe that
/// nobody writes to, a device that never ends.</summary>
public static class InputFile
{
    /// <summary>Octets of the largest file that is read.</summary>
    public const int Most = 64 << 20;

    /// <exception cref="IOException">It is not there, no file, larger than <see cref="Most"/>, or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">There is no right to it.</exception>
    public static byte[] ReadAll(string path)
    {
        // A directory can be opened, and says only then that it cannot be read.
        if (Directory.Exists(path))
            throw new IOException("It is a directory.");
        using var file = Open(path);
        if (!file.CanSeek)
            throw new IOException("It is no regular file.");
        using var content = new MemoryStream();
        var buffer = new byte[1 << 16];
        for (var read = file.Read(buffer); read > 0; read = file.Read(buffer))
        {
            // Counted, not asked for beforehand: devices say that they hold nothing.
            if (content.Length + read > Most)
                throw new IOException($"It is larger than {Most >> 20} MiB.");
            content.Write(buffer, 0, read);
        }
        return content.ToArray();
    }

    /// <summary>As text: a byte order mark decides the encoding; without one, <paramref name="encoding"/> does.</summary>
    /// <inheritdoc cref="ReadAll"/>
    public static string ReadText(string path, Encoding encoding)
    {
        using var reader = new StreamReader(new MemoryStream(ReadAll(path)), encoding);
        return reader.ReadToEnd();
    }

    private static FileStream Open(string path)
    {
        if (OperatingSystem.IsWindows())
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        // FileStream would wait for whoever writes to a pipe, and take a lock that is in the way of whoever writes to a file.
        var handle = OpenFile(path, OperatingSystem.IsMacOS() ? MacNonBlocking | MacCloseOnExec : NonBlocking | CloseOnExec);
        if (handle >= 0)
            return new FileStream(new SafeFileHandle(handle, ownsHandle: true), FileAccess.Read, bufferSize: 0);
        var (error, words) = (Marshal.GetLastPInvokeError(), $"{Marshal.GetLastPInvokeErrorMessage()}.");
        throw error is AccessDenied ? new UnauthorizedAccessException(words) : error is NotThere ? new FileNotFoundException(words, path) : new IOException(words);
    }

    private const int NotThere = 2, AccessDenied = 13;
    private const int NonBlocking = 0x800, CloseOnExec = 0x80000, MacNonBlocking = 0x4, MacCloseOnExec = 0x1000000;

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    private static extern int OpenFile([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);
}
