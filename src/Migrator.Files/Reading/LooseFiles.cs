using Migrator.Core.Failures;
using Migrator.Core.Files;
using Migrator.Files.Disk;
using Migrator.Files.Findings;
using Migrator.Files.Manifest;
using Migrator.Files.Mbox;
using Migrator.Files.Messages;

namespace Migrator.Files.Reading;

/// <summary>What the formats have in common: how they look through directories.</summary>
internal static class LooseFiles
{
    // Deeper than any mailbox, and not so deep that a path becomes too long or a walk does not end.
    private const int MostLevels = 60;

    // What mail programs keep messages in, whether this one reads it or not.
    private static readonly string[] s_mail = [".eml", ".emlx", ".msg", ".mbox", ".mbox.gz", ".eml.gz", ".pst", ".ost", ".olm", ".dbx"];

    private static readonly string[] s_packed = [".gz", ".tgz", ".bz2", ".xz", ".zst", ".zip", ".7z", ".rar", ".tar"];

    // With which of its fields a message begins, as servers and programs write it.
    private static readonly string[] s_firstFields =
    [
        "Return-Path",
        "Received",
        "Delivered-To",
        "X-Original-To",
        "Envelope-to",
        "From",
        "Message-ID",
        "MIME-Version",
        "Date",
    ];

    // Programs that show directories leave these behind.
    private static readonly string[] s_clutter = [".DS_Store", "Thumbs.db", "desktop.ini"];

    /// <summary>Regular files and directories in a directory, by name. All else is among the findings, and never opened.</summary>
    /// <param name="place">Below the root, with a slash at its end; empty for the root.</param>
    /// <param name="depth">How far below the root.</param>
    /// <exception cref="MailException"><see cref="Reason.FilesUnreadable"/>: the root cannot be read. Any other directory is only
    /// reported.</exception>
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
            return
            [
                .. entries
                    .Where(entry => !IsOurs(place, entry.Name))
                    .Select(entry => Look(place, entry, findings))
                    .OfType<FileEntry>()
                    .OrderBy(entry => entry.Name, NaturalOrder.Instance),
            ];
        }
        catch (MailException) when (place.Length > 0)
        {
            findings.Add(FileFinding.Unreadable, place);
            return [];
        }
    }

    /// <summary>Says that something was not taken for mail. Where it is mail all the same, in another format, the import is not
    /// complete.</summary>
    public static void PassOver(string root, string place, string name, FileFindings findings)
    {
        if (s_clutter.Contains(name, StringComparer.OrdinalIgnoreCase))
            return;
        var isFile = RegularFile.Kind(Path.Combine(root, place, name)) == EntryKind.Regular;
        findings.Add(
            IsMail(root, place, name) ? FileFinding.OtherFormat
                : isFile && s_packed.Any(ending => name.EndsWith(ending, StringComparison.OrdinalIgnoreCase)) ? FileFinding.Packed
                : isFile && LooksLikeMail(Path.Combine(root, place, name)) ? FileFinding.OtherFormat
                : FileFinding.Other,
            place + name
        );
    }

    /// <summary>A message without the name of one, or an mbox with something before its first message.</summary>
    private static bool LooksLikeMail(string path)
    {
        var head = new byte[64 << 10];
        try
        {
            using var handle = FileErrors.Open(path);
            head = head[..FileErrors.Read(path, handle, head, 0)];
        }
        catch (MailException)
        {
            return false;
        }
        if (HeaderLine.Name(head) is { } first && s_firstFields.Contains(first, StringComparer.OrdinalIgnoreCase))
            return true;
        for (var rest = head.AsSpan(); rest.IndexOf("\nFrom "u8) is >= 0 and var at; rest = rest[(at + 1)..])
        {
            var line = rest[(at + 1)..];
            var end = line.IndexOf((byte)'\n');
            if (
                end > 0
                && Separators.Kind(line[..end].TrimEnd((byte)'\r')) != SeparatorKind.None
                && HeaderLine.Name(line[(end + 1)..]) is not null
            )
                return true;
        }
        return false;
    }

    private static bool IsMail(string root, string place, string name) =>
        place.EndsWith("/cur/", StringComparison.Ordinal)
        || place.EndsWith("/new/", StringComparison.Ordinal)
        || s_mail.Any(ending => name.EndsWith(ending, StringComparison.OrdinalIgnoreCase))
        || (
            RegularFile.Kind(Path.Combine(root, place, name)) == EntryKind.Regular
            && new FileInfo(Path.Combine(root, place, name)).Length > 0
            && MboxFile.Begins(Path.Combine(root, place, name), out _) is not null and not SeparatorKind.None
        );

    private static bool IsOurs(string place, string name) =>
        place.Length == 0 && name is ExportManifest.File or ExportManifest.Unfinished or ExportManifest.Part;

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
