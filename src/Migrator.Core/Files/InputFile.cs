using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Migrator.Core.Files;

/// <summary>Reads whole files that people name or put into a directory. Whatever lies there must neither hold the reader up nor fill the
/// memory: only regular files are read (<see cref="RegularFile"/>), and only up to a size that files of the kind never have.</summary>
/// <exception cref="IOException">It is not there, is not a regular file, is too large, or cannot be read. The message follows "cannot be
/// read: ".</exception>
/// <exception cref="UnauthorizedAccessException">There is no right to it.</exception>
public static class InputFile
{
    /// <summary>Bytes of the largest job file or list of mailboxes.</summary>
    public const int MostOfJobs = 64 << 20;

    /// <summary>Bytes of the largest secret.</summary>
    public const int MostOfSecret = 64 << 10;

    /// <summary>Bytes of the largest file of settings, certificates or a key.</summary>
    public const int MostOfSettings = 4 << 20;

    /// <param name="most">In bytes.</param>
    /// <param name="root">The directory that the file was found in, which no link may lead out of; null for a file that somebody
    /// named.</param>
    public static byte[] ReadAll(string path, int most, string? root = null)
    {
        using var file = Open(path, most, root);
        using var content = new MemoryStream();
        var buffer = new byte[1 << 16];
        for (int read; (read = RandomAccess.Read(file, buffer, content.Length)) > 0; )
        {
            // Counted, not only asked for beforehand: a file may grow, and those of /proc say that they hold nothing.
            if (content.Length + read > most)
                throw TooLarge(most);
            content.Write(buffer, 0, read);
        }
        return content.ToArray();
    }

    /// <summary>As text: a byte order mark decides the encoding; without one, <paramref name="encoding"/> does, UTF-8 where it is
    /// null.</summary>
    /// <inheritdoc cref="ReadAll"/>
    public static string ReadText(string path, int most, Encoding? encoding = null, string? root = null)
    {
        using var reader = new StreamReader(new MemoryStream(ReadAll(path, most, root)), encoding ?? Encoding.UTF8);
        return reader.ReadToEnd();
    }

    /// <summary>For a file that a library opens, as it opens anything.</summary>
    /// <inheritdoc cref="ReadAll"/>
    public static void Ensure(string path, int most) => Open(path, most, root: null).Dispose();

    private static SafeFileHandle Open(string path, int most, string? root)
    {
        var file = root is null ? RegularFile.OpenNamed(path) : RegularFile.OpenBelow(root, path);
        if (RandomAccess.GetLength(file) <= most)
            return file;
        file.Dispose();
        throw TooLarge(most);
    }

    private static IOException TooLarge(int most) =>
        new($"it is larger than {(most >= 1 << 20 ? $"{most >> 20} MiB" : $"{most >> 10} KiB")}, the limit for such a file");
}
