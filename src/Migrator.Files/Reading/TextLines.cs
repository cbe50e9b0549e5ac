using System.Text;
using Microsoft.Win32.SafeHandles;
using Migrator.Core.Failures;
using Migrator.Core.Files;
using Migrator.Files.Disk;
using Migrator.Files.Findings;

namespace Migrator.Files.Reading;

/// <summary>Reads the small files that servers keep beside mail. They may be anything by now: what is not a regular file is none, and of a
/// line that is too long only the beginning counts.</summary>
internal static class TextLines
{
    private const int MostOfLine = 4096;

    /// <returns>Null where there is no such file, or none that can be read.</returns>
    public static IEnumerable<string>? Read(string root, string file, FileFindings findings)
    {
        var path = Path.Combine(root, file);
        if (RegularFile.Kind(path) != EntryKind.Regular)
            return null;
        try
        {
            return Lines(path, FileErrors.Open(path));
        }
        catch (MailException)
        {
            findings.Add(FileFinding.Unreadable, file);
            return null;
        }
    }

    private static IEnumerable<string> Lines(string path, SafeFileHandle opened)
    {
        using var file = opened;
        var (buffer, line, at) = (new byte[1 << 16], new List<byte>(), 0L);
        for (int count; (count = FileErrors.Read(path, file, buffer, at, Reason.FolderFilesUnreadable)) > 0; at += count)
        {
            for (var i = 0; i < count; i++)
            {
                if (buffer[i] == '\n')
                {
                    yield return Text(line);
                    line.Clear();
                }
                else if (line.Count < MostOfLine)
                {
                    line.Add(buffer[i]);
                }
            }
        }
        if (line.Count > 0)
            yield return Text(line);
    }

    private static string Text(List<byte> line) => Encoding.UTF8.GetString([.. line]).TrimEnd('\r');
}
