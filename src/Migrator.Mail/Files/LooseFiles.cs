using Migrator.Core.Mail;

namespace Migrator.Mail.Files;

/// <summary>What the formats have in common that keep one message per file.</summary>
internal static class LooseFiles
{
    /// <summary>Files and directories in a directory, by name. Links are not followed: one that leads upwards never
    /// ends.</summary>
    public static IReadOnlyList<(string Name, bool IsDirectory)> Entries(string root, string place, ICollection<string> passedOver)
    {
        var directory = new DirectoryInfo(Path.Combine(root, place));
        var entries = FileErrors.Guarded(directory.FullName, null, () => directory.Exists ? directory.GetFileSystemInfos() : []);
        foreach (var link in entries.Where(entry => entry is DirectoryInfo && entry.LinkTarget is not null))
            passedOver.Add(place + link.Name);
        return
        [
            .. entries.Where(entry => !(entry is DirectoryInfo && entry.LinkTarget is not null) && !(place.Length == 0 && entry.Name.StartsWith(Sidecar.Stem, StringComparison.OrdinalIgnoreCase)))
                .Select(entry => (entry.Name, entry is DirectoryInfo)).OrderBy(entry => entry.Name, NaturalOrder.Instance),
        ];
    }

    public static DateTimeOffset Modified(string path)
    {
        var modified = new DateTimeOffset(FileErrors.Guarded(path, Reason.SourceUnreadable, () => File.GetLastWriteTimeUtc(path)));
        return modified.AddTicks(-(modified.Ticks % TimeSpan.TicksPerSecond));
    }

    /// <summary>Null where the file is gone.</summary>
    public static MessageSummary? Describe(uint uid, string path, FlagSet flags)
    {
        var file = new FileInfo(path);
        return file.Exists ? new MessageSummary(uid, FileErrors.Guarded(path, Reason.SourceUnreadable, () => file.Length), flags, Modified(path)) : null;
    }
}
