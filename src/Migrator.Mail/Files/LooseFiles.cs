using Migrator.Core.Mail;

namespace Migrator.Mail.Files;

/// <summary>An entry of a directory that may hold mail.</summary>
/// <param name="Stamp">Of a file.</param>
internal readonly record struct FileEntry(string Name, bool IsDirectory, FileStamp Stamp)
{
    public void Deconstruct(out string name, out bool isDirectory) => (name, isDirectory) = (Name, IsDirectory);
}

/// <summary>What the formats have in common: how they look through directories.</summary>
internal static class LooseFiles
{
    // Deeper than any mailbox, and not so deep that a path becomes too long or a walk does not end.
    private const int MostLevels = 60;

    // What mail programs keep messages in, whether this one reads it or not.
    private static readonly string[] s_mail = [".eml", ".emlx", ".msg", ".mbox", ".mbox.gz", ".eml.gz", ".pst", ".ost", ".olm", ".dbx"];

    // Programs that show directories leave these behind.
    private static readonly string[] s_clutter = [".DS_Store", "Thumbs.db", "desktop.ini"];

    /// <summary>Regular files and directories in a directory, by name. All else is among the findings, and never opened.</summary>
    /// <param name="place">Below the root, with a slash at its end; empty for the root.</param>
    /// <param name="depth">How far below the root.</param>
    /// <exception cref="MailException"><see cref="Reason.FilesUnreadable"/>: the root cannot be read. Any other directory is only reported.</exception>
    public static IReadOnlyList<FileEntry> Entries(string root, string place, int depth, FileFindings findings)
    {
        var path = Path.Combine(root, place);
        if (place.Length > 0 && RegularFile.Kind(path.TrimEnd('/')) != EntryKind.Directory)
            return [];
        if (depth > MostLevels)
        {
            findings.Add(FileFinding.TooDeep, place);
            return [];
        }
        try
        {
            var entries = FileErrors.Guarded(path, null, () => new DirectoryInfo(path).GetFileSystemInfos());
            return [.. entries.Where(entry => !IsOurs(place, entry.Name)).Select(entry => Look(place, entry, findings)).OfType<FileEntry>()
                .OrderBy(entry => entry.Name, NaturalOrder.Instance)];
        }
        catch (MailException) when (place.Length > 0)
        {
            findings.Add(FileFinding.Unreadable, place);
            return [];
        }
    }

    /// <summary>Says that something was not taken for mail. Where it is mail all the same, in another format, the import is not complete.</summary>
    public static void PassOver(string root, string place, string name, FileFindings findings)
    {
        if (!s_clutter.Contains(name, StringComparer.OrdinalIgnoreCase))
            findings.Add(IsMail(root, place, name) ? FileFinding.OtherFormat : FileFinding.Other, place + name);
    }

    private static bool IsMail(string root, string place, string name) =>
        place.EndsWith("/cur/", StringComparison.Ordinal) || place.EndsWith("/new/", StringComparison.Ordinal)
        || s_mail.Any(ending => name.EndsWith(ending, StringComparison.OrdinalIgnoreCase))
        || (RegularFile.Kind(Path.Combine(root, place, name)) == EntryKind.Regular && new FileInfo(Path.Combine(root, place, name)).Length > 0
            && MboxFile.Begins(Path.Combine(root, place, name), out _) is not null and not SeparatorKind.None);

    private static bool IsOurs(string place, string name) => place.Length == 0 && name is Sidecar.File or Sidecar.Unfinished or Sidecar.Part;

    private static FileEntry? Look(string place, FileSystemInfo entry, FileFindings findings)
    {
        switch (RegularFile.Kind(entry.FullName))
        {
            case EntryKind.Directory:
                return new FileEntry(entry.Name, true, default);
            case EntryKind.Regular:
                return Stamped(entry);
            case EntryKind.Link:
                findings.Add(FileFinding.Link, place + entry.Name);
                return null;
            case EntryKind.Special:
                findings.Add(FileFinding.Special, place + entry.Name);
                return null;
            default:
                // What was listed and is not there has gone since, or has a name that .NET cannot say.
                if (entry.Name.Contains('\uFFFD'))
                    findings.Add(FileFinding.BadName, place + entry.Name);
                return null;
        }
    }

    private static FileEntry? Stamped(FileSystemInfo entry)
    {
        try
        {
            return new FileEntry(entry.Name, false, FileStamp.Of(entry as FileInfo ?? new FileInfo(entry.FullName)));
        }
        catch (FileNotFoundException)
        {
            // It went since it was listed.
            return null;
        }
    }
}
